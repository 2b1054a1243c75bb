# sh test_core_install.sh SOURCE_DIR BUILD_DIR COMPILER: core installs as a library of its own, which the examples use.
# CFLAGS hold what the library was built with; PRELOAD what Python has to load before it, if anything.
set -eu
source=$1 build=$2 compiler=$3
prefix=$PWD/core_installed
rm -rf "$prefix" core_example
cmake --install "$build" --prefix "$prefix" --component core >core_install.log
library=$(dirname "$(find "$prefix" -name libengram_core.so)")
fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

headers=$(cd "$prefix/include/engram" && find core -name '*.h')
for header in $headers; do
  echo "#include \"$header\"" | "$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include/engram" \
    -x c - || fail "$header needs others before it"
done

# The functions that headers declare are exported, and no other; of data the tables that they declare.
# shellcheck disable=SC2086 # no blanks in the names
(cd "$prefix/include/engram" && sed -nE 's/^[a-z][a-z0-9_ *]*[ *]([a-z0-9_]+)\(.*/\1/p' $headers) | sort -u >declared
nm -g --defined-only "$library/libengram_core.a" | sed -n 's/.* T //p' | sort -u | comm -12 - declared >expected
nm -D --defined-only "$library/libengram_core.so" | sed -n 's/.* T \(.*\)@@.*/\1/p' | sort -u >exported
diff expected exported || fail "declared (<) and exported (>) functions differ"
grep -qx attention_forward exported || fail "attention_forward is not exported"
for table in rule_hebb dynamics_synchronous state_integer order_family_names; do
  nm -D --defined-only "$library/libengram_core.so" | grep -q " [DR] $table@@" || fail "$table is not exported"
done

# By pkg-config.
export PKG_CONFIG_PATH="$library/pkgconfig" LD_LIBRARY_PATH="$library"
# shellcheck disable=SC2046,SC2086 # several words
"$compiler" -std=c11 -Wall -Wextra -Wpedantic -Werror $CFLAGS "$source/core/examples/attention.c" \
  $(pkg-config --cflags --libs engram_core) -lm -o attention_pkg_config
./attention_pkg_config
# shellcheck disable=SC2046,SC2086
"$compiler" $CFLAGS "$source/core/examples/attention.c" $(pkg-config --cflags engram_core) "$library/libengram_core.a" \
  $(pkg-config --libs --static engram_core | sed 's/-lengram_core//') -o attention_pkg_config_static
./attention_pkg_config_static

# By the CMake package, both libraries.
cmake -S "$source/core/examples" -B core_example -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$compiler" >core_example.log
cmake --build core_example >>core_example.log
./core_example/attention_core
./core_example/attention_core_static
if ldd core_example/attention_core_static | grep engram_core; then fail "linked the shared library"; fi

if command -v python3 >/dev/null; then
  LD_PRELOAD=${PRELOAD:-} python3 "$source/core/examples/attention.py"
else
  echo "no python3: its example was not run"
fi
