"""The library by Conan 2, from the clone that this lies in:

    conan create cmake/packages/conan
    conan create cmake/packages/conan -o connarena/*:shared=True
"""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class Connarena(ConanFile):
    name = "connarena"
    description = "One memory arena per network connection, given back when it closes"
    license = "MIT"
    topics = ("allocator", "arena", "memory-resource", "networking")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}
    default_options = {"shared": False, "fPIC": True}
    implements = ["auto_shared_fpic"]

    @property
    def clone(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self.clone, "allocator/include/connarena/version.h"))
        self.version = re.search('VERSION_STRING "(.*)"', header).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "allocator/*", "cmake/*"):
            copy(self, pattern, self.clone, self.export_sources_folder)

    def validate(self):
        if self.settings.os != "Linux" or self.settings.arch not in ("x86_64", "armv8"):
            raise ConanInvalidConfiguration("connarena is for Linux on x86-64 and arm64")
        check_min_cppstd(self, 17)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        # The preload library and the launcher are in the packages of distributions; what is found
        # on the machine decides nothing.
        toolchain.cache_variables["CONNARENA_BUILD_SHIM"] = False
        toolchain.cache_variables["CONNARENA_JEMALLOC_LIBRARY"] = "OFF"
        toolchain.cache_variables["CONNARENA_MIMALLOC_LIBRARY"] = "OFF"
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # CMakeDeps and PkgConfigDeps write theirs from package_info.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        component = "shared" if self.options.shared else "static"
        self.cpp_info.set_property("cmake_file_name", "connarena")
        self.cpp_info.set_property("cmake_target_name", "connarena::connarena")
        self.cpp_info.set_property("cmake_target_aliases", ["connarena::" + component])
        self.cpp_info.set_property("pkg_config_name", "connarena")
        self.cpp_info.libs = ["connarena"]
        if not self.options.shared:
            self.cpp_info.defines = ["CONNARENA_STATIC"]
            self.cpp_info.system_libs = ["pthread"]
