#!/usr/bin/env bash
# Installs the peers of today: the JavaScript ones as package.json pins them, and into venv/, which git ignores, the newest
# Python ones that the registry has for this Python (10 GB: PyTorch comes with CUDA). What cannot be had is left out with a
# line; every result names the versions that it was measured beside.
#
#   bash bench/peers/install.sh            PYTHON=python3.13 bash bench/peers/install.sh    for another than python3
#
# Run it again for newer ones; remove venv/ first for another Python.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

leave_out() { echo "left out, for it cannot be installed here: $1"; }

npm ci --no-audit --no-fund || leave_out "the JavaScript peers"
[ -x venv/bin/python ] || "${PYTHON:-python3}" -m venv venv || { leave_out "the Python peers"; exit 0; }
# One at a time, so that one that is missing takes no other with it.
for peer in "numpy threadpoolctl" torch jax tensorflow-cpu mkl; do
  # shellcheck disable=SC2086 # a peer may be several packages
  venv/bin/pip install --quiet --upgrade $peer || leave_out "$peer"
done
venv/bin/pip list 2>/dev/null | grep -iE '^(numpy|torch|jax|tensorflow|mkl)' || true
