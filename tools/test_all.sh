#!/usr/bin/env bash
# Runs the test suite under each supported Python that this machine has.
#
#   tools/test_all.sh [VERSIONS] [-- ARGUMENTS FOR PYTEST]
#
# Looks on the PATH and among pyenv's versions. Each Python has an environment
# of its own in .venvs/. Pythons that are not there are named, not failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

versions=()
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    *) versions+=("$1"); shift ;;
    esac
done
[ ${#versions[@]} -gt 0 ] || versions=(3.10 3.11 3.12 3.13 3.14)

# Prints the path of a python of that version which runs and can make environments.
find_python() {
    local candidate
    for candidate in "$HOME"/.pyenv/versions/"$1"*/bin/"python$1" $(type -ap "python$1" 2>/dev/null); do
        [ -x "$candidate" ] || continue
        "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 || continue
        printf '%s\n' "$candidate"
        return 0
    done
    return 1
}

passed=() failed=() absent=()
for version in "${versions[@]}"; do
    python=$(find_python "$version") || { absent+=("$version"); continue; }
    printf '\n=== Python %s: %s\n' "$version" "$python"
    if PYTHON=$python tools/venv.sh ".venvs/$version" test,uvloop &&
        STREAMFLOW_TEST_BACKENDS=all ".venvs/$version/bin/python" -m pytest "$@"; then
        passed+=("$version")
    else
        failed+=("$version")
    fi
done

printf '\npassed:    %s\nfailed:    %s\nnot found: %s\n' \
    "${passed[*]:-none}" "${failed[*]:-none}" "${absent[*]:-none}"
[ ${#failed[@]} -eq 0 ] && [ ${#passed[@]} -gt 0 ]
