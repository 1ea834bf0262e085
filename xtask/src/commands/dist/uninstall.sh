#!/bin/sh
# Takes away what install.sh (or cargo xtask install) has put into your folders, and nothing else: what you have changed
# or added stays, and is named.
set -eu

fail() { printf 'uninstall.sh: %s\n' "$1" >&2; exit 1; }

[ -n "${HOME:-}" ] || fail 'HOME is not set, so your folders are not known'
command -v sha256sum >/dev/null || fail 'sha256sum is needed (coreutils)'
case ${XDG_DATA_HOME:-} in
    /*) data=$XDG_DATA_HOME/csound-performer ;;
    *) data=$HOME/.local/share/csound-performer ;;
esac
list=$data/installed.sha256
[ -f "$list" ] || fail "nothing is written down as installed: $list is not there"

# Folders that are empty now, but for those that were not ours.
sweep() {
    folder=$(dirname -- "$1")
    while :; do
        case $folder in
            "$HOME/.clap" | "$HOME/.vst3" | "$HOME/.vst3/presets" | "$HOME/.local/bin" | "$data" | / | .) return 0 ;;
        esac
        rmdir -- "$folder" 2>/dev/null || return 0
        folder=$(dirname -- "$folder")
    done
}

while IFS= read -r line; do
    file=${line#*  }
    [ -e "$file" ] || continue
    if printf '%s\n' "$line" | sha256sum --check --status 2>/dev/null; then
        rm -f -- "$file"
        sweep "$file"
    else
        printf 'left, because you changed it: %s\n' "$file"
    fi
done <"$list"
rm -f -- "$list"
rmdir -- "$data" 2>/dev/null || printf 'left: %s (files that are not ours)\n' "$data"

for left in "$HOME/.vst3/presets/Csound Performer" "${XDG_CONFIG_HOME:-$HOME/.config}/csound-performer"; do
    [ ! -e "$left" ] || printf 'left: %s (yours)\n' "$left"
done
for manifest in "$HOME"/.clap/*/plugin.json "$HOME"/.vst3/*.vst3/Contents/Resources/plugin.json; do
    if [ -f "$manifest" ] && grep -q csound_performer_export "$manifest"; then
        folder=${manifest%/plugin.json}
        printf 'left: an exported plugin, %s (delete it if you do not want it)\n' "${folder%/Contents/Resources}"
    fi
done
printf 'Csound Performer is uninstalled.\n'
