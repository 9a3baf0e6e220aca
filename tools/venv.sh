#!/usr/bin/env bash
# Makes a virtual environment for one set of extras, once.
#
#   tools/venv.sh FOLDER EXTRAS     e.g. tools/venv.sh .venv dev
#
# PYTHON names the interpreter (default: python3). The package is installed in
# editable form, so only a change of pyproject.toml or of the interpreter asks
# for another install; a stamp file in FOLDER remembers what was installed.
set -euo pipefail

folder=${1:?usage: tools/venv.sh FOLDER EXTRAS}
extras=${2:?usage: tools/venv.sh FOLDER EXTRAS}
python=${PYTHON:-python3}
minimum=3.10

fail() {
    printf '\nstreamflow cannot be set up: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v "$python" >/dev/null 2>&1 || fail "no interpreter called '$python' was found." \
    "Needed: Python $minimum or newer on the PATH." \
    "Another one can be named: make PYTHON=/path/to/python3 ..."

found=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])') ||
    fail "'$python' is there, but does not run (what it said is above)." \
        "Needed: Python $minimum or newer." \
        "Another one can be named: make PYTHON=/path/to/python3 ..."

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    fail "'$python' is Python $found, which is too old." \
        "Needed: Python $minimum or newer." \
        "Another one can be named: make PYTHON=/path/to/python3 ..."

missing=$("$python" - <<'PROBE'
missing = []
for name in ("venv", "ensurepip"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(" and ".join(missing))
PROBE
)
[ -z "$missing" ] || fail "'$python' (Python $found) lacks its standard module $missing." \
    "Virtual environments need it. On Debian and Ubuntu: apt install python${found%.*}-venv" \
    "Or name another interpreter: make PYTHON=/path/to/python3 ..."

bin=bin
[ -d "$folder/Scripts" ] && bin=Scripts
stamp=$folder/.streamflow-$extras
wanted="python $found $(cksum <pyproject.toml)"

if [ -e "$folder" ]; then
    has=$("$folder/$bin/python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null || true)
    if [ "$has" = "$found" ] && "$folder/$bin/python" -c 'import pip' 2>/dev/null; then
        [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || exit 0
    else
        echo "$folder is not a working environment of Python $found; making it anew"
        rm -rf "$folder"
    fi
fi

if [ ! -x "$folder/$bin/python" ]; then
    echo "making $folder with Python $found"
    "$python" -m venv "$folder" || fail "'$python -m venv $folder' failed; its message is above."
    [ -d "$folder/Scripts" ] && bin=Scripts
fi

echo "installing streamflow[$extras] into $folder"
log=$folder/.install.log
if ! "$folder/$bin/python" -m pip install --disable-pip-version-check --no-input --quiet \
    --editable ".[$extras]" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    if grep -qiE 'name resolution|connection|timed out|network|proxy|max retries|no matching distribution' "$log"; then
        fail "pip could not fetch what streamflow needs." \
            "Is there a network, and does it reach the Python package index?" \
            "All of pip's output: $log"
    fi
    fail "pip could not install streamflow[$extras]; the end of its output is above." \
        "All of it: $log"
fi
printf '%s\n' "$wanted" >"$stamp"
