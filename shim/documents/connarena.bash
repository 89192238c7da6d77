# connarena.bash - completion of the program `connarena` in bash.

_connarena() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[1]} words=
  # bash takes --option=value for three words.
  [[ $word == = ]] && word=
  [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD - 2]}
  if ((COMP_CWORD == 1)); then
    words="run record report stats top export limit disconnect help version"
  else
    case $command$before in
      run--base) words="libc jemalloc mimalloc tcmalloc" ;;
      run--on-close) words="drain release" ;;
      run--over-limit | limit--over-limit) words="disconnect fail" ;;
      run--helper) words="auto on off" ;;
      run--small | run--hardened | run--live) words="on off" ;;
      top--sort) words="process id footprint live peak blocks age idle state peer" ;;
      run*) words="--base --on-close --min-size --small --retain --keep --helper --reserve
        --hardened --report --limit --over-limit --budget --exempt --live --help" ;;
      report*) words="--each --html --help" ;;
      record--sites) words="on off" ;;
      record*) words="--output --every --size --sites --help" ;;
      limit*) words="--limit --over-limit --budget --help" ;;
      disconnect*) words="--help" ;;
      stats*) words="--json --prometheus --connections --help" ;;
      top*) words="--once --sort --reverse --filter --together --delay --help" ;;
      export--listen) words="127.0.0.1:" ;;
      export*) words="--listen --connections --help" ;;
      help*) words="run record report stats top export limit disconnect" ;;
    esac
  fi
  if [[ $word != -* && $words == --* && $command =~ ^(stats|top|export|limit|disconnect)$ ]]; then
    words=$(connarena stats 2>/dev/null | awk 'NR > 1 && $1 + 0 > 0 { print $1 }')
  elif [[ $word != -* && $words == --* && $command =~ ^(run|record)$ ]]; then
    mapfile -t COMPREPLY < <(compgen -c -- "$word"; compgen -f -- "$word")
    return
  elif [[ $word != -* && $words == --* && $command == report ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _connarena connarena
