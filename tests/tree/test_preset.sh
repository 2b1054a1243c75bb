# sh test_preset.sh SOURCE_DIR PRESET build|test: builds another preset, and runs its suite.
set -eu
cd "$1"
cmake --preset "$2" -DENGRAM_CHECK_PRESETS=OFF >/dev/null
cmake --build --preset "$2" --parallel "$(nproc)"
[ "$3" = build ] || ctest --preset "$2" --parallel "$(nproc)"
