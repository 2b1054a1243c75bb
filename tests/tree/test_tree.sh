# sh test_tree.sh RULE SOURCE_DIR [BUILD_DIR]: one rule of the tree each, for ctest.
set -u
cd "$2" || exit 1
fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}
sources() { find core parallel results experiments analysis tests -name '*.[ch]'; }

case "$1" in
format_is_clean)
  command -v clang-format >/dev/null || exit 77
  # shellcheck disable=SC2046 # no blanks in the names
  clang-format --dry-run --Werror $(sources) || fail "clang-format -i the files above"
  ;;
every_test_is_registered)
  registered=$(ctest --test-dir "$3" --show-only)
  for file in $(find tests -name 'test_*.c' -o -name 'test_*.sh' -o -name 'test_*.py' | grep -vE 'test_(tree|preset)\.sh'); do
    name=$(basename "${file%.*}")
    echo "$registered" | grep -Eq ": $name(_[0-9]+)?$" || fail "$file is not registered with ctest"
  done
  ;;
layers_are_kept)
  for word in 'mpi\.h:parallel' 'hdf5:results' 'hwloc\.h:parallel' 'libfyaml:experiments' 'gsl/:analysis'; do
    owner=${word#*:}
    found=$(grep -rlE "#include [<\"]${word%:*}" --include='*.[ch]' core parallel results experiments analysis |
      grep -v "^$owner/" || true)
    [ -z "$found" ] || fail "${word%:*} is included outside $owner: $found"
  done
  found=$(grep -rlE '(^|[^a-z_])(exit|abort|_exit|MPI_Abort) *\(' --include='*.c' core parallel results experiments analysis)
  [ -z "$found" ] || fail "only main ends the program: $found"
  found=$(grep -rlE '\b(printf|puts|fputs|fprintf) *\(' --include='*.c' core | grep -vE '_bench\.c|^core/examples/')
  [ -z "$found" ] || fail "core prints nothing: $found"
  ;;
every_folder_has_a_readme)
  for folder in core core/examples core/kernels core/attention core/sequence core/associative parallel results experiments \
    experiments/campaign experiments/campaigns analysis analysis/peers analysis/program tests; do
    [ -s "$folder/README.md" ] || fail "no README.md in $folder"
  done
  ;;
*) fail "no rule $1" ;;
esac
