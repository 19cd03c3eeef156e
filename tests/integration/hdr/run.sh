#!/bin/sh
# run.sh SAMPLES FOLDER: installs the reader into FOLDER (once) and lets it check what SAMPLES
# wrote.
# Without node or npm: prints why and leaves with 77, which ctest counts as skipped.
set -eu
samples=$1
folder=$2
here=$(cd "${0%/*}" && pwd)

for tool in node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "SKIP: $tool is not installed, so hdr-histogram-js cannot check our histograms"
        exit 77
    fi
done

mkdir -p "$folder"
if ! cmp -s "$here/package-lock.json" "$folder/installed-lock.json"; then
    cp "$here/package.json" "$here/package-lock.json" "$folder/"
    npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts
    cp "$here/package-lock.json" "$folder/installed-lock.json"
fi
"$samples" > "$folder/samples.json"
NODE_PATH=$folder/node_modules node "$here/check.js" "$folder/samples.json"
