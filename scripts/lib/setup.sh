# Set-up shared by the scripts; sourced from the root of the repository.

# The npm packages, exactly as locked; nothing to do where they already are.
install_packages() {
  if node scripts/lib/packagesInstalled.mjs; then return; fi
  echo 'set-up: npm ci'
  # No dependency needs its install script: esbuild, biome and the keychain module are prebuilt.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
}

# install_programs [NAME…]: the programs that some tests need, all or the named ones. Where they cannot be
# installed, those tests are skipped, visibly.
install_programs() {
  local -A package=(
    [chromium]=chromium [gnome-keyring-daemon]=gnome-keyring [dbus-run-session]=dbus [dbus-send]=dbus
    [keyctl]=keyutils [openssl]=openssl [tmux]=tmux [ssh-keygen]=openssh-client [gpg]=gnupg [gpgsm]=gpgsm
    [script]=bsdutils
  )
  local name missing=()
  if [ $# = 0 ]; then set -- "${!package[@]}"; fi
  for name; do
    command -v "$name" >/dev/null || missing+=("${package[$name]}")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "${SIGNET_TEST_NO_APT:-}" = 1 ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "set-up: not installed, and left so: ${missing[*]}"
    return
  fi
  echo "set-up: apt-get install ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log"
    echo "set-up: apt-get failed; what needs ${missing[*]} is left out"
  fi
  rm -f "$log"
}
