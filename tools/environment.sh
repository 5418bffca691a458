# Makes .venv with solith and what its tests need, unless it is there and current.
mark=.venv/.solith-ready
if [ ! -e "$mark" ] || [ pyproject.toml -nt "$mark" ]; then
  python3 -m venv .venv
  .venv/bin/python -m pip install --quiet uv
  .venv/bin/uv pip install --quiet --python .venv/bin/python --editable . --group dev
  touch "$mark"
fi
