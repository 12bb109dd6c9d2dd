# shellcheck shell=bash
# Shared by kern_patches/build.sh, tests/lab/kernel and tests/lab/boot.
# Sourced, never run. PROGRAM names the caller in every message.

VQ_CACHE=${VQ_AUDIT_CACHE:-$HOME/.cache/vq-audit}
VQ_DOWNLOADS=$VQ_CACHE/dl

say() { printf '%s: %s\n' "${PROGRAM:-lab}" "$*" >&2; }

# die STATUS WHAT... : each further argument is a line of its own.
die() {
	local status=$1 line
	shift
	for line; do say "$line"; done
	exit "$status"
}

# need_tools STATUS TOOL[:PACKAGE]... : names every missing one at once.
need_tools() {
	local status=$1 item missing=()
	shift
	for item; do
		command -v "${item%%:*}" >/dev/null || missing+=("${item##*:}")
	done
	((${#missing[@]} == 0)) ||
		die "$status" "missing tools: ${missing[*]}" \
			"way out: apt-get install ${missing[*]}"
}

elapsed() { # elapsed SECONDS -> 3m10s
	local s=$1
	if ((s < 60)); then printf '%ds' "$s"; else printf '%dm%02ds' $((s / 60)) $((s % 60)); fi
}

# with_lock FILE: hold FILE until this process and all its children are gone.
# Children inherit it on purpose: should we be killed, the next caller waits
# for our orphans instead of working in the same place.
with_lock() {
	local file=$1 fd
	mkdir -p "${file%/*}"
	exec {fd}>"$file"
	flock --nonblock "$fd" && return
	say "waiting for another run that holds ${file##*/}"
	flock "$fd"
}

# memo KEY COMMAND...: what COMMAND prints, kept until apt's lists or sources
# change. Asking apt takes a second or two, and every boot asks.
memo() {
	local file=$VQ_CACHE/apt/$1
	shift
	if [[ ! -s $file || /var/lib/apt/lists -nt $file || /etc/apt/sources.list.d -nt $file ]]; then
		mkdir -p "${file%/*}"
		if ! "$@" >"$file.$$"; then
			rm -f "$file.$$"
			return 1
		fi
		mv "$file.$$" "$file"
	fi
	cat "$file"
}

# The version apt would install; without apt's lists, the newest one that was
# downloaded before, so that a filled cache works without a network.
deb_version() {
	local package=$1 version
	version=$(apt-cache show --no-all-versions "$package" 2>/dev/null |
		sed -n 's/^Version: //p' | head -n 1)
	[[ -n $version ]] || version=$(deb_cached_version "$package")
	[[ -n $version ]] && printf '%s\n' "$version"
}

deb_cached_version() {
	local deb
	deb=$(find "$VQ_DOWNLOADS/" -maxdepth 1 -name "$1_*.deb" 2>/dev/null |
		sort --version-sort | tail -n 1)
	[[ -n $deb ]] && dpkg-deb --field "$deb" Version
}

# fetch_deb PACKAGE VERSION -> path of the .deb in the cache
fetch_deb() {
	local package=$1 version=$2 have scratch
	have=$(deb_path "$package" "$version")
	if [[ -z $have ]]; then
		mkdir -p "$VQ_DOWNLOADS"
		scratch=$(mktemp -d "$VQ_DOWNLOADS/.fetch.XXXXXX")
		say "downloading $package $version"
		download_into "$scratch" "$package=$version" || {
			rm -rf "$scratch"
			return 1
		}
		mv "$scratch"/*.deb "$VQ_DOWNLOADS/"
		rmdir "$scratch"
		have=$(deb_path "$package" "$version")
	fi
	[[ -n $have ]] && printf '%s\n' "$have"
}

# apt writes a colon of an epoch as %3a in the file's name.
deb_path() {
	local version=${2//:/%3a}
	find "$VQ_DOWNLOADS/" -maxdepth 1 -name "$1_${version}_*.deb" 2>/dev/null | head -n 1
}

# Sandbox::User: apt would warn that its user _apt cannot enter our directory.
download_into() {
	local dir=$1 what=$2 log
	if ! log=$(cd "$dir" && apt-get -o APT::Sandbox::User=root -qq download "$what" 2>&1); then
		say "cannot download $what: $(tail -n 1 <<<"$log")"
		say "way out: check the network, run apt-get update, or put the .deb into $VQ_DOWNLOADS"
		return 1
	fi
}
