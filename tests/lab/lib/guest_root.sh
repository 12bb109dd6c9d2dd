# shellcheck shell=bash
# The guest's root: an initramfs made of cpio segments laid end to end. Those
# that depend on packages and kernels only are cached; the last is made for
# each boot. Sourced by boot.

GUEST_TOOLS=(bash ip vdpa ethtool iperf3 bpftool)
# Of 80, 25 and 200 MB; with their packages.
LARGE_TOOLS=(fio perf:linux-perf bpftrace)
# Drivers and attackers that a distribution's kernel has as modules. Unknown
# and built-in ones are passed over.
GUEST_MODULES=(
	virtio_pci virtio_mmio virtio_blk virtio_net virtio_scsi sd_mod virtio_console
	virtio_rng virtio_balloon virtio_input evdev vsock vmw_vsock_virtio_transport
	virtio_iommu virtio_mem virtio_pmem nd_pmem virtio_gpu virtio_crypto algif_skcipher
	vdpa vduse virtio_vdpa 9p 9pnet_virtio pktgen veth tun ext4
	vq_audit_break
)
SEGMENTS=$VQ_CACHE/initramfs
SEGMENT_FILES=()

# add_segment KEY MAKER...: a cached segment, made by MAKER... DIR when new
add_segment() {
	local file=$SEGMENTS/$1.cpio stage
	shift
	if [[ ! -f $file ]]; then
		mkdir -p "$SEGMENTS"
		stage=$(mktemp -d "$WORK/stage.XXXXXX")
		"$@" "$stage"
		pack "$stage" "$file.$$"
		mv "$file.$$" "$file"
		find "$SEGMENTS" -name '*.cpio' -mtime +3 -delete # not used for three days
	fi
	touch "$file"
	SEGMENT_FILES+=("$file")
}

pack() {
	(cd "$1" && find . -mindepth 1 -print0 | sort --zero-terminated |
		cpio --quiet --null --create --format=newc --owner=+0:+0) >"$2"
}

# Any package that is installed or upgraded may change a library, so dpkg's
# own state is part of the key, and so is this file.
tools_key() {
	{
		stat --format=%Y /var/lib/dpkg/status
		cat "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c 1-12
}

# --- what goes in -----------------------------------------------------------

# put_program DIR PROGRAM [PATH]: the program and every library it names
put_program() {
	local dir=$1 program=$2 path=${3-$2} library
	mkdir -p "$dir${path%/*}"
	cp --dereference "$program" "$dir$path"
	while read -r library; do
		mkdir -p "$dir${library%/*}"
		cp --dereference "$library" "$dir$library"
	done < <(ldd "$program" 2>/dev/null | grep --only-matching '/[^ ]*' || true)
}

put_base() {
	local dir=$1 tool
	mkdir -p "$dir"/{bin,dev,proc,sys,tmp,root,run,share,etc,usr/bin,lib/terminfo}
	cp --dereference "$(command -v busybox)" "$dir/bin/busybox"
	for tool in $(busybox --list); do
		[[ $tool == busybox ]] || ln -s busybox "$dir/bin/$tool"
	done
	# Debian's busybox shell runs its applets before programs of the same name.
	rm "$dir/bin/sh"
	put_program "$dir" "$(command -v dash)" /bin/sh
	for tool in "${GUEST_TOOLS[@]}"; do
		put_program "$dir" "$(command -v "$tool")" "/usr/bin/$tool"
	done
	cp --recursive --dereference /lib/terminfo/{d,l,v} "$dir/lib/terminfo/"
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$dir/etc/passwd"
	printf 'root:x:0:\n' >"$dir/etc/group"
	printf '127.0.0.1 localhost\n' >"$dir/etc/hosts"
}

put_tool() { put_program "$2" "$(command -v "$1")" "/usr/bin/$1"; }

# A terminal without one: what it and programs in it say of terminals, and letters beyond ASCII.
put_tmux() {
	put_tool tmux "$1"
	mkdir -p "$1/lib/terminfo" "$1/usr/lib/locale"
	cp --recursive --dereference /lib/terminfo/{s,t} "$1/lib/terminfo/"
	cp --recursive --dereference /usr/lib/locale/C.utf8 "$1/usr/lib/locale/"
}

# systemd's journal, without systemd
put_journal() {
	put_program "$1" /lib/systemd/systemd-journald
	put_program "$1" "$(command -v journalctl)" /usr/bin/journalctl
}

# systemd as PID 1, and of its units those that a journal and a service of ours take.
put_systemd() {
	local dir=$1 unit units=/lib/systemd/system
	put_journal "$dir"
	put_program "$dir" /lib/systemd/systemd
	put_program "$dir" "$(command -v systemctl)" /usr/bin/systemctl
	put_program "$dir" "$(command -v systemd-analyze)" /usr/bin/systemd-analyze
	mkdir -p "$dir/etc" "$dir$units"/{sysinit,sockets}.target.wants
	for unit in {basic,sysinit,sockets,paths,timers,slices,local-fs,local-fs-pre,swap,shutdown,umount,final}.target \
		system.slice systemd-journald.{service,socket} systemd-journald-dev-log.socket; do
		[[ ! -e $units/$unit ]] || cp --dereference "$units/$unit" "$dir$units/"
	done
	ln -s ../systemd-journald.service "$dir$units/sysinit.target.wants/"
	ln -s ../systemd-journald.socket "$dir$units/sockets.target.wants/"
	ln -s ../systemd-journald-dev-log.socket "$dir$units/sockets.target.wants/"
	echo 0123456789abcdef0123456789abcdef >"$dir/etc/machine-id"
}

# put_dpkg PACKAGE,... DIR: what installs packages and runs their scripts, and a database in
# which that and PACKAGE,... are installed.
put_dpkg() {
	local dir=$2 package
	mkdir -p "$dir/var/lib/dpkg"/{info,updates} "$dir/var/log"
	for package in dpkg init-system-helpers libc-bin perl-base tar ${1//,/ }; do
		put_package "$dir" "$package"
	done
}

# put_package DIR PACKAGE: what others than readers need of it
put_package() {
	local dir=$1 file
	dpkg-query --status "$2" >>"$dir/var/lib/dpkg/status" || exit
	echo >>"$dir/var/lib/dpkg/status"
	cp "/var/lib/dpkg/info/$(dpkg-query --show --showformat '${binary:Package}' "$2").list" \
		"$dir/var/lib/dpkg/info/"
	dpkg-query --listfiles "$2" | grep --invert-match '^/usr/share/\(doc\|locale\|man\)/' | while read -r file; do
		[[ ! -f $file ]] || put_program "$dir" "$file"
	done
}

# put_modules KERNEL_DIR DIR: the modules we may want, with all they depend on
put_modules() {
	local kernel=$1 dir=$2 release name file
	release=$(cat "$kernel/release")
	mkdir -p "$dir/lib/modules/$release"
	for name in "${GUEST_MODULES[@]}"; do
		modprobe --dirname "$kernel" --set-version "$release" --show-depends "$name" 2>/dev/null || true
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort --unique |
		while read -r file; do put_module "$file" "$dir${file#"$kernel"}"; done
	cp "$kernel/lib/modules/$release"/modules.{builtin,builtin.modinfo,order} "$dir/lib/modules/$release/"
	depmod --basedir "$dir" "$release"
}

# Debian 13 compresses modules; busybox's modprobe is happier without.
put_module() {
	local from=$1 to=${2%.xz}
	mkdir -p "${to%/*}"
	case $from in
	*.xz) xz --decompress --stdout "$from" >"$to" ;;
	*) cp "$from" "$to" ;;
	esac
}

# What belongs to this boot: init, CMD, the helpers, the program under test.
put_overlay() {
	local dir=$1 program
	mkdir -p "$dir/lab"
	cp "$HERE/guest/init" "$dir/init"
	cp --recursive "$HERE/guest/." "$dir/lab/"
	write_command >"$dir/lab/command"
	write_guest_env >"$dir/lab/env"
	chmod +x "$dir/lab/command"
	program=${VQ_AUDIT_BUILD:-$HERE/../../build}/vq-audit
	[[ ! -f $program ]] || put_program "$dir" "$program" /usr/bin/vq-audit
	put_lab_modules "$dir/lab"
	if [[ $SHARE_HOW == copy ]]; then
		mkdir "$dir/share"
		cp --archive "$SHARE/." "$dir/share/"
	fi
}

put_lab_modules() {
	local dir=$1 name module
	for name in "${MODULES[@]}"; do
		module=$("$HERE/modules/build" "$KERNEL_DIR" "$name") || exit
		cp "$module" "$dir/"
	done
}

# One argument is a line for the shell, several are a command and its
# arguments, passed on as they are.
write_command() {
	local word
	printf '#!/bin/sh\n'
	if ((${#COMMAND[@]} == 1)); then
		printf '%s\n' "${COMMAND[0]}"
	else
		printf exec
		for word in "${COMMAND[@]}"; do printf " '%s'" "${word//\'/\'\\\'\'}"; done
		printf '\n'
	fi
}

write_guest_env() {
	printf 'export LAB_KERNEL=%s LAB_RING=%s LAB_DEVICES="%s" LAB_SHARE=%s LAB_SYSTEMD=%s\n' \
		"$KERNEL" "$RING" "${DEVICE_IDS[*]}" "$SHARE_HOW" "$SYSTEMD"
}

# --- put together -----------------------------------------------------------

make_initrd() {
	local key tool stage=$WORK/overlay
	key=$(tools_key)
	add_segment "base-$key" put_base
	for tool in "${LARGE_TOOLS[@]}"; do
		wants "${tool%%:*}" || continue
		need_tools "$QEMU_FAILED" "$tool"
		add_segment "${tool%%:*}-$key" put_tool "${tool%%:*}"
	done
	[[ $TMUX_WANTED != 1 ]] || { need_tools "$QEMU_FAILED" tmux && add_segment "tmux-$key" put_tmux; }
	[[ $JOURNAL != 1 ]] || add_segment "journal-$key" put_journal
	[[ $SYSTEMD != 1 ]] || add_segment "systemd-$key" put_systemd
	[[ -z $DPKG ]] || add_segment "dpkg-$key-${DPKG//,/-}" put_dpkg "$DPKG"
	add_segment "modules-$key-${KERNEL_DIR##*/}" put_modules "$KERNEL_DIR"
	put_overlay "$stage"
	pack "$stage" "$stage.cpio"
	cat "${SEGMENT_FILES[@]}" "$stage.cpio" >"$WORK/initrd"
}

# The same as a file system, for an initramfs that is another one to mount.
make_root_disk() {
	local tree=$WORK/root
	need_tools "$QEMU_FAILED" mke2fs:e2fsprogs
	mkdir "$tree"
	(cd "$tree" && for segment in "${SEGMENT_FILES[@]}" "$WORK/overlay.cpio"; do
		cpio --quiet --extract --make-directories --unconditional <"$segment"
	done)
	mke2fs -q -t ext4 -O ^has_journal -d "$tree" "$WORK/root.img" \
		$(($(du --summarize --block-size=1M "$tree" | cut -f 1) + 64))M >/dev/null
	rm -r "$tree"
	ln --force --symbolic "$(realpath "$INITRD")" "$WORK/initrd"
}

# wants TOOL: those that drag in a lot of libraries come only when they are wanted. The
# perf of iperf3 is another one.
wants() {
	case ${WANTED[$1]-auto} in
	1 | on | yes) return 0 ;;
	0 | off | no) return 1 ;;
	*) [[ " ${COMMAND[*]} " =~ [^a-z]$1[^a-z] ]] ;;
	esac
}
