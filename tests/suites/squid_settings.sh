# squid_settings.sh PORT - settings of squid by which it writes no files.
cat <<END
http_port 127.0.0.1:$1
http_access allow all
acl local dst 127.0.0.0/8
cache_mem 16 MB
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
visible_hostname localhost
shutdown_lifetime 0 seconds
pinger_enable off
END
