#!/usr/bin/env bash
# Build one of the images with the builder that is there: deploy/image/build.sh worker|demo [options of the builder]
# BUILDER chooses one of podman, buildah and docker; SOURCE and LICENSES go to the labels of the same names.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${1:?usage: deploy/image/build.sh worker|demo [options of the builder]}
shift

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
if [ "$revision" != unknown ] && [ -n "$(git status --porcelain 2>/dev/null)" ]; then
    revision=$revision-modified
fi

builder=${BUILDER:-}
for known in podman buildah docker; do
    [ -n "$builder" ] || ! command -v "$known" >/dev/null || builder=$known
done
if [ -z "$builder" ]; then
    echo "No podman, buildah or docker on the path: install one of them." >&2
    exit 2
fi

exec "$builder" build --file deploy/image/Containerfile --target "$target" \
    --build-arg VERSION="$version" --build-arg REVISION="$revision" \
    --build-arg SOURCE="${SOURCE:-}" --build-arg LICENSES="${LICENSES:-NOASSERTION}" \
    --tag "herald-$target:$version" "$@" .
