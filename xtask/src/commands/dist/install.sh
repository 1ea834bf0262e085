#!/bin/sh
# Puts Csound Performer into your own folders for plugins; nobody else's, and without root. Run it again with a newer
# release to replace it. uninstall.sh, here and in ~/.local/share/csound-performer, takes it away again.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fail() { printf 'install.sh: %s\n' "$1" >&2; exit 1; }

[ -n "${HOME:-}" ] || fail 'HOME is not set, so your folders are not known'
newline='
'
command -v sha256sum >/dev/null || fail 'sha256sum is needed (coreutils)'
(cd "$here" && sha256sum --check --quiet SHA256SUMS) ||
    fail 'files are missing or damaged: get the archive again. Nothing was installed'

case ${XDG_DATA_HOME:-} in
    /*) data=$XDG_DATA_HOME/csound-performer ;;
    *) data=$HOME/.local/share/csound-performer ;;
esac
case $HOME:$data in
    *[\\\"\$\`]* | *"$newline"*) fail 'the name of your home folder has a character that cannot be written down' ;;
    /*) ;;
    *) fail 'HOME is no whole path' ;;
esac
list=$data/installed.sha256
mkdir -p "$data"
new=$(mktemp "$data/.installed.XXXXXX")
# Where this breaks off, what is there by then is written down all the same.
trap 'cat "$new" >>"$list"; rm -f "$new"' EXIT

# Whoever has the old file loaded keeps it.
put() {
    mkdir -p "$(dirname -- "$2")"
    cp -- "$1" "$2.new.$$"
    mv -f -- "$2.new.$$" "$2"
    sha256sum -- "$2" >>"$new"
}

# A preset or a piece of this name that is yours stays.
put_unless_yours() {
    if [ -e "$2" ] && ! cmp -s -- "$1" "$2" &&
        ! { [ -f "$list" ] && grep -F -- "  $2" "$list" | sha256sum --check --status 2>/dev/null; }; then
        printf 'left, because it is yours: %s\n' "$2"
    else
        put "$1" "$2"
    fi
}

# All files of a folder.
put_all() {
    [ -d "$1" ] || return 0
    (cd "$1" && find . -type f) | sort | while IFS= read -r file; do
        case $file in
            *.vstpreset | *.csd) put_unless_yours "$1/${file#./}" "$2/${file#./}" ;;
            *) put "$1/${file#./}" "$2/${file#./}" ;;
        esac
    done
}

put_all "$here/clap" "$HOME/.clap"
put_all "$here/vst3" "$HOME/.vst3"
put_all "$here/presets" "$HOME/.vst3/presets"
put_all "$here/pieces" "$data/pieces"
put_all "$here/docs" "$data/docs"
put_all "$here/licences" "$data/licences"
put "$here/uninstall.sh" "$data/uninstall.sh"
# The standalone finds its engine and a Csound beside itself.
if [ -d "$here/bin" ]; then
    put "$here/bin/csound-performer" "$data/csound-performer"
    printf '#!/bin/sh\nexec "%s/csound-performer" "$@"\n' "$data" >"$data/start.sh"
    chmod 755 "$data/start.sh"
    put "$data/start.sh" "$HOME/.local/bin/csound-performer"
    rm -f "$data/start.sh"
    put "$here/clap/csound-performer-engine" "$data/csound-performer-engine"
    put_all "$here/clap/csound6" "$data/csound6"
    put_all "$here/clap/csound7" "$data/csound7"
fi

# What an older release has put there and this one has not: away, unless you have changed it.
if [ -f "$list" ]; then
    now=$(cut -c67- "$new")
    while IFS= read -r line; do
        file=${line#*  }
        if ! printf '%s\n' "$now" | grep -qxF -- "$file" &&
            printf '%s\n' "$line" | sha256sum --check --status 2>/dev/null; then
            rm -f -- "$file"
            # And the folders that are empty for it.
            rmdir -p -- "$(dirname -- "$file")" 2>/dev/null || :
        fi
    done <"$list"
fi
mv -f -- "$new" "$list"
trap - EXIT

printf 'Installed: %s, %s\n' "$HOME/.clap/Csound Performer.clap" "$HOME/.vst3/Csound Performer.vst3"
[ ! -d "$here/bin" ] || printf 'The standalone: %s\n' "$HOME/.local/bin/csound-performer"
printf 'Let your DAW scan its plugins again. To take it away: sh %s\n' "$data/uninstall.sh"
