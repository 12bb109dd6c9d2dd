# shellcheck shell=bash
# Debian's packages, as files in the cache. Sourced after common.sh.
#
# What the machine's own apt does not know comes from another suite of the same
# mirror, by a private state of apt: neither the system's sources nor its lists
# are touched.

SUITE='' # empty: the suites that the machine's apt is configured for
APT_OPTIONS=(-o APT::Sandbox::User=root) # or apt warns that _apt cannot enter our directory
readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# from_suite SUITE: from here on, packages are those of SUITE
from_suite() {
	local state=$VQ_CACHE/apt/$1.state
	SUITE=$1
	APT_OPTIONS+=(
		-o "Dir::State=$state" -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache"
		-o Dir::State::Status=/dev/null
		-o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
	)
}

# The suite that has linux KVER, if it is not the system's own.
for_kernel() {
	case $1 in 7.*) from_suite trixie-backports ;; esac
}

where_it_would_be() {
	if [[ -n $SUITE ]]; then
		echo "let apt name a Debian mirror that has $SUITE, and run apt-get update"
	else
		echo "apt-get update, with Debian's security suite among the sources"
	fi
}

debian_mirror() {
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Component: main' |
		sed -n 1p
}

# Brings the lists of SUITE up to date, when the system's are newer. One at a
# time: apt would refuse the second.
refresh_suite() (
	local state=$VQ_CACHE/apt/$SUITE.state mirror log
	[[ -n $SUITE && ! $state/asked -nt /var/lib/apt/lists ]] || return 0
	with_lock "$state/lock"
	[[ ! $state/asked -nt /var/lib/apt/lists ]] || return 0
	mirror=$(debian_mirror)
	[[ -n $mirror ]] || {
		say "suite $SUITE: apt has no list of Debian's own packages, so its mirror is unknown"
		return 1
	}
	say "asking $mirror for the packages of $SUITE"
	mkdir -p "$state/lists/partial"
	printf 'deb [signed-by=%s] %s %s main\n' "$DEBIAN_KEYS" "$mirror" "$SUITE" >"$state/sources.list"
	log=$(apt-get "${APT_OPTIONS[@]}" -o APT::Update::Error-Mode=any -qq update 2>&1) || {
		say "suite $SUITE cannot be reached: $(tail -n 1 <<<"$log")"
		return 1
	}
	touch "$state/asked"
)

# memo KEY COMMAND...: what COMMAND prints, kept until apt's lists or sources
# change. Asking apt takes a second or two, and every boot asks.
memo() {
	local file=$VQ_CACHE/apt/$1
	shift
	if [[ ! -s $file || /var/lib/apt/lists -nt $file || /etc/apt/sources.list.d -nt $file ]]; then
		mkdir -p "${file%/*}"
		refresh_suite || true # it said why; what was downloaded before may do
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
	version=$(apt-cache "${APT_OPTIONS[@]}" show --no-all-versions "$package" 2>/dev/null |
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

# deb_names PREFIX: the packages of that prefix, known or downloaded, newest first
deb_names() {
	{
		apt-cache "${APT_OPTIONS[@]}" pkgnames "$1" 2>/dev/null || true
		find "$VQ_DOWNLOADS/" -maxdepth 1 -name "$1*_*.deb" -printf '%f\n' 2>/dev/null |
			sed 's/_.*//'
	} | sort --version-sort --reverse --unique
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

download_into() {
	local dir=$1 what=$2 log
	if ! log=$(cd "$dir" && apt-get "${APT_OPTIONS[@]}" -qq download "$what" 2>&1); then
		say "cannot download $what: $(tail -n 1 <<<"$log")"
		say "way out: check the network, run apt-get update, or put the .deb into $VQ_DOWNLOADS"
		return 1
	fi
}
