# The same commands on Windows:  .\make.ps1 run | classroom | server | test | test-all | check | format | texts
# .\make.ps1 texts fr  begins a language
param(
    [ValidateSet("run", "classroom", "server", "test", "test-all", "check", "format", "texts")][string]$Target = "run",
    [string]$Language = ""
)
$ErrorActionPreference = "Stop"
Set-Location $PSScriptRoot
$python = ".venv\Scripts\python.exe"

function Invoke-Step { & $args[0] @($args | Select-Object -Skip 1); if ($LASTEXITCODE) { exit $LASTEXITCODE } }
function Test-Stale($stamp, $source) {
    -not (Test-Path $stamp) -or (Get-Item $source).LastWriteTime -gt (Get-Item $stamp).LastWriteTime
}

if (-not (Test-Path $python)) {
    $version = "3.13", "3.12", "3.11" | Where-Object { py "-$_" --version 2>$null } | Select-Object -First 1
    if (-not $version) { Write-Error "Thaw needs Python 3.11, 3.12 or 3.13 and found none of them. Install one and try again." }
    Invoke-Step py "-$version" -m venv .venv
}
if (Test-Stale ".venv\.app" "requirements.txt") {
    Invoke-Step $python -m pip install --quiet --upgrade "pip>=25.1"
    Invoke-Step $python -m pip install --quiet -r requirements.txt
    New-Item -Force -ItemType File ".venv\.app" | Out-Null
}
if ($Target -notin "run", "classroom", "server" -and (Test-Stale ".venv\.dev" "pyproject.toml")) {
    Invoke-Step $python -m pip install --quiet --group dev
    Invoke-Step $python -m playwright install chromium
    New-Item -Force -ItemType File ".venv\.dev" | Out-Null
}

switch ($Target) {
    "run" { Invoke-Step $python -m streamlit run app.py }
    "classroom" { Invoke-Step $python -m tl_core.cli.classroom }
    "server" { Invoke-Step $python -m tl_core.cli.server }
    "test" { Invoke-Step $python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not slow" }
    "test-all" { Invoke-Step $python -m pytest -n 3 --dist loadfile --no-loadscope-reorder }
    "check" {
        Invoke-Step $python -m ruff format --check .
        Invoke-Step $python -m ruff check .
        Invoke-Step $python -m mypy
        Invoke-Step ".venv\Scripts\lint-imports.exe"
    }
    "texts" {
        if ($Language) { Invoke-Step $python -m tests.texts $Language } else { Invoke-Step $python -m tests.texts }
    }
    "format" {
        Invoke-Step $python -m ruff format .
        Invoke-Step $python -m ruff check --fix .
    }
}
