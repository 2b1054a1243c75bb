# sh test_install.sh SOURCE_DIR BUILD_DIR: `cmake --install` gives a working tree.
set -eu
prefix=$PWD/installed
rm -rf "$prefix"
cmake --install "$2" --prefix "$prefix" >install.log
"$prefix/bin/engram" --version
for campaign in "$prefix"/share/engram/campaigns/*.yaml; do "$prefix/bin/engram" check "$campaign"; done
ls "$prefix/share/engram/campaigns/quick.yaml" "$prefix/share/doc/engram/LICENSE"
