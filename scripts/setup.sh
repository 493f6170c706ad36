#!/bin/sh
# Create .venv and install Tagalong into it. Usage: setup.sh STAMP [EXTRAS]
# The stamp file .venv/.ready-STAMP is written last, so that an interrupted set-up starts over.
set -eu
stamp=$1
extras=${2:-}
python=${PYTHON:-python3}

if ! command -v "$python" >/dev/null 2>&1; then
    echo "Python 3.11 or newer is needed, and '$python' was not found. Install it, or name one: make PYTHON=/path/to/python3 ..." >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=/path/to/python3 ..." >&2
    exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "==> creating .venv with $("$python" -V 2>&1)"
    "$python" -m venv --clear .venv || {
        echo "Could not create .venv. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    }
fi
if ! .venv/bin/python -c '
import sys
from importlib.metadata import version
sys.exit(version("torch").split("+")[0] != "2.14.1" or version("torchvision").split("+")[0] != "0.29.1")
' >/dev/null 2>&1; then
    echo "==> installing PyTorch (large: a minute or two on a quick connection)"
    .venv/bin/python -m pip install --quiet torch==2.14.1 torchvision==0.29.1
fi
echo "==> installing Tagalong and its libraries"
.venv/bin/python -m pip install --quiet --editable ".${extras:+[$extras]}"
touch ".venv/.ready-$stamp"
[ "$stamp" != test ] || touch .venv/.ready-run
echo "==> ready"
