# Sourced by ./reproduce and ./check: makes sure that what they need is installed. POSIX shell.

# What the program needs to be built and to run, and what the test suite needs besides.
PACKAGES_PROGRAM="gcc libc6-dev make cmake pkg-config git ca-certificates
  openmpi-bin libopenmpi-dev libopenblas-openmp-dev librandom123-dev libhdf5-dev libhwloc-dev libgsl-dev
  libfyaml-dev libjansson-dev libxxhash-dev zlib1g-dev gnuplot-nox dataset-fashion-mnist"
PACKAGES_TESTS="clang clang-format libomp-dev libcmocka-dev netcdf-bin libxml2-utils procps python3"

# Open MPI refuses to run as root, as one is in a container, unless told twice.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Prints those of the given packages that are not installed.
missing_packages() {
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
  done
}

# How to become root for an installation: "", "sudo", or nothing found (status 1).
root_command() {
  [ "$(id -u)" -ne 0 ] || return 0
  command -v sudo >/dev/null 2>&1 || return 1
  sudo -n true 2>/dev/null || [ -t 0 ] || return 1
  echo sudo
}

# Installs what is missing of the given packages, or says exactly what to load and ends with 2.
require_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say "not a Debian system: CMake will name what is missing; the Debian names are: $*"
    return 0
  fi
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if ! as_root=$(root_command); then
    say "these packages are missing and may not be installed from here; load them and try again:"
    say "  apt-get install --no-install-recommends $missing"
    exit 2
  fi
  say "installing: $missing"
  export DEBIAN_FRONTEND=noninteractive
  # Lists may be absent or stale, so that a first failure is met with an update.
  # shellcheck disable=SC2086 # word splitting is wanted
  install="$as_root apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing"
  $as_root apt-get -qq -o DPkg::Lock::Timeout=300 update >&2 && $install >&2 || {
    say "could not install; load these packages by hand and try again: $missing"
    exit 2
  }
}

# Physical cores that may be used: one rank each.
usable_cores() {
  threads=$(env -u OMP_NUM_THREADS nproc)
  cores=$(lscpu -p=CORE,SOCKET 2>/dev/null | grep -v '^#' | sort -u | wc -l)
  if [ "$cores" -ge 1 ] && [ "$cores" -lt "$threads" ]; then echo "$cores"; else echo "$threads"; fi
}
