#!/bin/bash
# Build the lab's kernel: Debian's source, our series, the lab's configuration.
# See --help. Everything lands in the cache; nothing is written to the checkout.
# shellcheck disable=SC2317 # traps and run() call what seems not to be called
set -euo pipefail

PROGRAM=build.sh
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lab/lib/common.sh
source "$HERE/../tests/lab/lib/common.sh"
# shellcheck source=tests/lab/lib/packages.sh
source "$HERE/../tests/lab/lib/packages.sh"

readonly LAYOUT=2 # part of the key: raise it when what we install changes
readonly KERNELS=$VQ_CACHE/kernel
readonly PROGRESS_SECONDS=5
readonly KEEP_BUILDS=3

KVER='' OFF=no DEBUG=no PRINT=no
NAME='' KEY='' SOURCE_VERSION='' FINAL='' WORK='' LOG='' CHILD=''

usage() {
	cat <<'END'
usage: kern_patches/build.sh KVER [--off|--dma-debug] [--print]

Builds linux KVER (6.1, 6.12, 7.3) from Debian's linux-source package with the
series in kern_patches/KVER/ and the options of kern_patches/lab.config, some of
which kern_patches/KVER/lab.config may override. The last line on standard output
is the directory with bzImage, vmlinux, config, release, lib/modules/RELEASE and
the build tree (build/, for out-of-tree modules: make -C DIR/build M=...).

  --off        the same kernel with CONFIG_VIRTIO_RING_AUDIT=n
  --dma-debug  the same kernel with CONFIG_DMA_API_DEBUG=y
  --print      build nothing; print the directory, exit 1 if it is not there yet

Environment: VQ_AUDIT_CACHE (default ~/.cache/vq-audit)
END
}

parse_arguments() {
	local arg
	for arg; do
		case $arg in
		--off) OFF=yes ;;
		--dma-debug) DEBUG=yes ;;
		--print) PRINT=yes ;;
		--help | -h) usage && exit 0 ;;
		[0-9]*.[0-9]*) KVER=$arg ;;
		*) die 2 "unknown argument: $arg" "try: $0 --help" ;;
		esac
	done
	[[ -n $KVER ]] || die 2 "which kernel version? (for instance 6.12)"
	[[ -d $HERE/$KVER ]] || die 2 "there is no patch series for $KVER: $HERE/$KVER does not exist"
	NAME=patched-$KVER
	[[ $OFF == no ]] || NAME+=-off
	[[ $DEBUG == no ]] || NAME+=-dma-debug
}

series() { find "$HERE/$KVER" -maxdepth 1 -name '*.patch' | sort; }

# The lab's options, then those of this version, then those of a twin.
# The last mention of an option wins in kconfig, and in asked_for below.
config_fragment() {
	cat "$HERE/lab.config"
	[[ ! -f $HERE/$KVER/lab.config ]] || cat "$HERE/$KVER/lab.config"
	[[ $OFF == no ]] || printf '%s\n' CONFIG_VIRTIO_RING_AUDIT=n 'CONFIG_LOCALVERSION="-lab-off"'
	[[ $DEBUG == no ]] || printf '%s\n' CONFIG_DMA_API_DEBUG=y 'CONFIG_LOCALVERSION="-lab-dma-debug"'
}

compiler() { gcc --version | head -n 1; }

build_key() {
	{
		printf '%s\n' "layout $LAYOUT" "$SOURCE_VERSION" "$(compiler)" "$(pahole --version)"
		config_fragment
		series | xargs --no-run-if-empty cat
	} | sha256sum | cut -c 1-12
}

locate() {
	for_kernel "$KVER"
	SOURCE_VERSION=$(memo "linux-source-$KVER" deb_version "linux-source-$KVER") ||
		die 1 "linux $KVER cannot be had here: apt knows no linux-source-$KVER, and none is in $VQ_DOWNLOADS" \
			"way out: $(where_it_would_be)"
	KEY=$(build_key)
	FINAL=$KERNELS/$NAME-$KEY
	LOG=$KERNELS/log/$NAME-$KEY.log
}

progress() { say "kernel $KVER: $*"; }

fail() {
	say "kernel $KVER: $1 failed; the last lines of $LOG:"
	tail -n 20 "$LOG" >&2
	exit 1
}

# run STEP COMMAND...: in the background with its output in the log, so that a
# line of progress can be told every few seconds and a signal ends it at once.
run() {
	local step=$1 since=$SECONDS waited=0
	shift
	"$@" >>"$LOG" 2>&1 &
	CHILD=$!
	while kill -0 "$CHILD" 2>/dev/null; do
		sleep 0.2
		((++waited % (PROGRESS_SECONDS * 5))) || progress "$step$(details_of "$step"), $(elapsed $((SECONDS - since)))"
	done
	wait "$CHILD" || fail "$step"
	CHILD=''
}

details_of() {
	local objects last
	[[ $1 == compiling ]] || return 0
	objects=$(grep --count --extended-regexp '^  (CC|AS|AR|LD|HOSTCC)' "$LOG" || true)
	last=$(tail -n 1 "$LOG" | grep --only-matching --extended-regexp '^  [A-Z]+' || true)
	printf ', %d of ~%d objects' "$objects" "$(expected_objects)"
	case $last in
	*BTF* | *KSYMS* | *OBJCOPY* | *NM*) printf ' (linking: %s)' "${last// /}" ;;
	esac
}

expected_objects() { cat "$KERNELS/log/objects-$KVER" 2>/dev/null || echo 2000; }

remember_objects() {
	[[ $OFF$DEBUG == nono && $1 == fresh ]] || return 0
	grep --count --extended-regexp '^  (CC|AS|AR|LD|HOSTCC)' "$LOG" >"$KERNELS/log/objects-$KVER" || true
}

check_space() {
	local needed_gb=$1 free_kb
	free_kb=$(df --output=avail --block-size=1K "$KERNELS" | tail -n 1)
	((free_kb >= needed_gb * 1024 * 1024)) ||
		die 1 "$KERNELS has $((free_kb / 1024 / 1024)) GB free, the build needs $needed_gb" \
			"way out: free some space, or point VQ_AUDIT_CACHE at another disk"
}

check_tools() {
	need_tools 1 gcc make flex bison bc pahole:dwarves patch flock:util-linux \
		xz:xz-utils cpio perl depmod:kmod dpkg-deb:dpkg apt-get:apt
	local header
	for header in gelf.h:libelf-dev openssl/opensslv.h:libssl-dev; do
		echo "#include <${header%%:*}>" | gcc -E - >/dev/null 2>&1 ||
			die 1 "missing header ${header%%:*}" "way out: apt-get install ${header##*:}"
	done
}

clean_up() {
	trap - EXIT INT TERM HUP
	if [[ -n $CHILD ]]; then
		kill "$CHILD" 2>/dev/null || true
		wait "$CHILD" 2>/dev/null || true
	fi
	[[ -z $WORK ]] || rm -rf "$WORK"
}

# --- the source tree --------------------------------------------------------

# What is never compiled here makes up most of the source; Kconfig files and
# Makefiles stay, as kconfig reads them all.
readonly UNUSED_SOURCE=(
	'*/Documentation/'{devicetree,translations}'/*' '*/tools/testing/*'
	'*/arch/[!x]*/*.'{'[chS]','dts*'} '*/sound/*.[ch]'
	'*/drivers/'{gpu,infiniband,media,net/ethernet,net/wireless,staging,iio,usb,clk,pinctrl}'/*.[ch]'
)

unpack_source() {
	local deb=$1
	mkdir -p "$WORK/src"
	dpkg-deb --fsys-tarfile "$deb" |
		tar --extract --to-stdout --wildcards './usr/src/linux-source-*.tar.xz' |
		xz --decompress --stdout |
		tar --extract --strip-components=1 --directory="$WORK/src" \
			"${UNUSED_SOURCE[@]/#/--exclude=}"
}

fresh_tree() {
	local deb
	check_space 6
	deb=$(fetch_deb "linux-source-$KVER" "$SOURCE_VERSION") || exit 1
	run "unpacking ${deb##*/}" unpack_source "$deb"
	mkdir "$WORK/applied"
	apply_series
}

# A finished tree of the same source saves nearly all of the compiling: the
# source is hard-linked (patch replaces files, it never writes into one), the
# objects are copied. O= inside the source makes kbuild use relative paths,
# so the finished tree may move.
seeded_tree() {
	local seed=$1
	check_space 3
	mkdir "$WORK/src"
	run "copying the tree of ${seed##*/}" copy_tree "$seed"
	take_back_series && apply_series || return 1
	keep_times "$seed"
}

copy_tree() {
	local seed=$1
	(cd "$seed/src" && find . -mindepth 1 -maxdepth 1 ! -name build -print0) |
		(cd "$seed/src" && xargs -0 cp --archive --link --target-directory="$WORK/src")
	cp --archive --reflink=auto "$seed/src/build" "$WORK/src/build"
	cp --archive "$seed/applied" "$WORK/applied"
}

take_back_series() {
	local mail
	while read -r mail; do
		patch --directory="$WORK/src" --strip=1 --reverse --force --quiet \
			--input="$mail" >>"$LOG" 2>&1 || return 1
		rm "$mail"
	done < <(find "$WORK/applied" -name '*.patch' | sort --reverse)
}

apply_series() {
	local mail
	while read -r mail; do
		progress "applying ${mail##*/}"
		patch --directory="$WORK/src" --strip=1 --forward --force --no-backup-if-mismatch \
			--reject-file=- --input="$mail" >>"$LOG" 2>&1 || {
			say "$mail does not apply to linux-source-$KVER $SOURCE_VERSION"
			say "way out: rebase the series on that source (the candidate of apt-get download)"
			fail "applying ${mail##*/}"
		}
		cp "$mail" "$WORK/applied/"
	done < <(series)
}

# Files that the old and the new series leave equal keep their time, so that
# make does not rebuild what includes them.
keep_times() {
	local seed=$1 file
	while read -r file; do
		if cmp --silent "$seed/src/$file" "$WORK/src/$file"; then
			touch --reference="$seed/src/$file" "$WORK/src/$file"
		fi
	done < <(cat "$seed"/applied/*.patch "$WORK"/applied/*.patch 2>/dev/null |
		sed -n 's,^+++ b/\([^[:space:]]*\).*,\1,p' | sort --unique)
}

# A twin starts from the very kernel it is the twin of; otherwise from the
# finished build of the same source and compiler that was used last.
find_seed() {
	local dir
	while read -r dir; do
		if [[ $(cat "$dir/made-from" 2>/dev/null) == "$(made_from)" ]]; then
			printf '%s\n' "$dir"
			return
		fi
	done < <(finished_builds "patched-$KVER")
}

made_from() { printf '%s\n' "$SOURCE_VERSION" "$(compiler)"; }

# finished_builds NAME: the one used last first
finished_builds() {
	find "$KERNELS" -maxdepth 1 -type d -regextype posix-extended \
		-regex ".*/${1//./\\.}-[0-9a-f]{12}" -printf '%T@ %p\n' | sort --reverse | cut -d ' ' -f 2-
}

prepare_tree() {
	local seed
	seed=$(find_seed)
	if [[ -n $seed ]] && seeded_tree "$seed"; then
		TREE=seeded
	else
		rm -rf "$WORK/src" "$WORK/applied"
		fresh_tree
		TREE=fresh
	fi
}

# --- configure, compile, install --------------------------------------------

kmake() {
	make --directory="$WORK/src" O="$WORK/src/build" LOCALVERSION= \
		KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=vq-audit \
		KBUILD_BUILD_TIMESTAMP='2025-01-01' "$@"
}

configure() {
	config_fragment >"$WORK/fragment"
	mkdir -p "$WORK/src/build"
	run configuring kmake KCONFIG_ALLCONFIG="$WORK/fragment" allnoconfig
	check_config
}

# Prints one line per option, as the last mention of it in the fragment has it.
asked_for() {
	sed -n 's/^\(CONFIG_[A-Z0-9_]*=.*\)$/\1/p' "$WORK/fragment" |
		tac | sort --unique --stable --field-separator== --key=1,1
}

check_config() {
	local option missing=()
	while read -r option; do
		case $option in
		*=n) ! grep --quiet "^${option%=n}=" "$WORK/src/build/.config" || missing+=("$option") ;;
		*) grep --quiet --fixed-strings --line-regexp -- "$option" "$WORK/src/build/.config" ||
			missing+=("$option") ;;
		esac
	done < <(asked_for)
	((${#missing[@]})) || return 0
	if [[ ${missing[*]} == CONFIG_VIRTIO_RING_AUDIT=y && -z $(series) ]]; then
		say "warning: CONFIG_VIRTIO_RING_AUDIT does not exist without the series"
		return
	fi
	die 1 "options of lab.config that did not stick: ${missing[*]}" \
		"their dependencies are missing, or linux $KVER does not have them"
}

compile() {
	run compiling kmake -j"$(nproc)" bzImage modules
	remember_objects "$TREE"
}

install_artefacts() {
	local build=$WORK/src/build
	cp "$build/arch/x86/boot/bzImage" "$build/System.map" "$WORK/"
	cp "$build/.config" "$WORK/config"
	cp "$build/include/config/kernel.release" "$WORK/release"
	strip --strip-debug -o "$WORK/vmlinux" "$build/vmlinux" # BTF and symbols stay
	run 'installing modules' kmake INSTALL_MOD_PATH="$WORK" INSTALL_MOD_STRIP=1 modules_install
	rm -f "$WORK"/lib/modules/*/{build,source} "$WORK/fragment"
	ln -s lib/modules "$WORK/modules"
	ln -s src/build "$WORK/build"
	made_from >"$WORK/made-from"
}

# kbuild wrote the temporary path into two files of the tree.
publish() {
	sed -i "s,$WORK,$FINAL," "$WORK/src/build/Makefile"
	ln -sfn "$FINAL/src" "$WORK/src/build/source"
	mv --no-target-directory "$WORK" "$FINAL"
	WORK=''
}

# Each build keeps more than a gigabyte, and the series is edited often.
prune() {
	finished_builds "$NAME" | tail -n +$((KEEP_BUILDS + 1)) | xargs --no-run-if-empty rm -rf
}

build() {
	mkdir -p "$KERNELS/log"
	with_lock "$KERNELS/.lock-$KVER"
	[[ ! -d $FINAL ]] || return 0
	check_tools
	# One path for all builds: objtool's dependencies are absolute, and were it
	# remade, so would be every object that it has checked.
	WORK=$KERNELS/.work-$KVER
	rm -rf "$WORK" # of a killed build: we hold the lock
	mkdir "$WORK"
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	: >"$LOG"
	prepare_tree
	configure
	compile
	install_artefacts
	publish
	prune
	progress "built in $(elapsed $SECONDS): $FINAL"
}

main() {
	parse_arguments "$@"
	locate
	if [[ $PRINT == yes ]]; then
		printf '%s\n' "$FINAL"
		[[ -d $FINAL ]]
		exit
	fi
	if [[ ! -d $FINAL ]]; then
		[[ $OFF$DEBUG == nono ]] || "$HERE/build.sh" "$KVER" >/dev/null
		build
	fi
	touch "$FINAL" # used now: see finished_builds
	printf '%s\n' "$FINAL"
}

main "$@"
exit # not a line further, should this file be edited while it runs
