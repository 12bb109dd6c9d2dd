# shellcheck shell=bash
# What modules for one of the lab's kernels are built with. Sourced after
# common.sh and packages.sh, by those who set KERNEL_DIR and NO_MODULE.

readonly ROOTS=$VQ_CACHE/root
# What a build needs of a Debian beside its compiler.
readonly ROOT_PACKAGES=(make pahole dash coreutils dpkg findutils gawk grep sed)

# A tree to build modules in.
build_tree() {
	if [[ -d $KERNEL_DIR/build ]]; then
		printf '%s\n' "$KERNEL_DIR/build"
	else
		stock_headers
	fi
}

# The packages name two others: what all flavours share, and the build's tools.
# Nothing is installed; one path in them is absolute.
stock_headers() {
	local stock=$KERNEL_DIR release version tree deb package
	[[ ! -e $stock/stock ]] || stock=$(readlink "$stock/stock") # of module-VERSION
	release=$(<"$stock/release")
	version=${stock##*/stock-+([0-9.])-}
	tree=$VQ_CACHE/headers/$release-$version
	if [[ ! -d $tree ]]; then
		for_kernel "$release"
		rm -rf "$tree.new"
		mkdir -p "$tree.new"
		deb=$(fetch_deb "linux-headers-$release" "$version") || exit "$NO_MODULE"
		dpkg-deb --extract "$deb" "$tree.new"
		for package in $(dpkg-deb --field "$deb" Depends | grep --only-matching 'linux-\(headers\|kbuild\)-[^ ,]*'); do
			deb=$(fetch_deb "$package" "$version") || exit "$NO_MODULE"
			dpkg-deb --extract "$deb" "$tree.new"
		done
		sed --in-place "s,/usr/src/,$tree/usr/src/," "$tree.new/usr/src/linux-headers-$release/Makefile"
		mv --no-target-directory "$tree.new" "$tree"
	fi
	printf '%s\n' "$tree/usr/src/linux-headers-$release"
}

# --- the compiler and its time ----------------------------------------------

compiler_of() { grep --only-matching --max-count=1 'gcc-[0-9]*$' "$1/.kernelvariables"; }

# make_in TREE ARGUMENT...: make, with the compiler that the headers in TREE are
# for. Where it is not here, with that of the Debian release it belongs to: the
# tools that come with the headers need that release's C library as well.
make_in() {
	local tree=$1 compiler root
	shift
	if [[ ! -f $tree/.kernelvariables ]]; then
		make "$@"
		return
	fi
	compiler=$(compiler_of "$tree")
	if command -v "$compiler" >/dev/null; then
		make "$@"
	else
		root=$(build_root "$compiler") || exit "$NO_MODULE"
		in_build_root "$root" make "$@"
	fi
}

# build_root COMPILER: the directory of a minimal Debian that has COMPILER
build_root() (
	local compiler=$1 suite packages root
	need_tools "$NO_MODULE" apt-get:apt dpkg-deb:dpkg unshare:util-linux chroot:coreutils
	suite=$(suite_with "$compiler") || exit
	from_suite "$suite"
	packages=$(memo "root-$compiler" root_packages "$compiler") ||
		die "$NO_MODULE" "the headers of $KERNEL_DIR are for $compiler, which cannot be had here" \
			"way out: a Debian release that has $compiler, or $(where_it_would_be)"
	root=$ROOTS/$compiler-$({ declare -f make_root && echo "$packages"; } | sha256sum | cut -c 1-12)
	if [[ ! -d $root ]]; then
		with_lock "$ROOTS/.lock"
		[[ -d $root ]] || make_root "$root" "$packages"
		find "$ROOTS" -mindepth 1 -maxdepth 1 -name "$compiler-*" ! -path "$root" -mtime +3 \
			-exec rm -rf {} +
	fi
	touch "$root"
	printf '%s\n' "$root"
)

suite_with() {
	case $1 in
	gcc-14) echo trixie ;;
	*) die "$NO_MODULE" "the headers of $KERNEL_DIR are for $1, and which suite has it is unknown" ;;
	esac
}

# "PACKAGE VERSION" of all that COMPILER and the build need, in an empty system
root_packages() {
	local list
	list=$(apt-get "${APT_OPTIONS[@]}" --simulate --no-install-recommends install \
		"$1" "${ROOT_PACKAGES[@]}" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p')
	[[ -n $list ]] && printf '%s\n' "$list"
}

# Unpacked, not installed: of what their scripts would do, only awk is missing.
make_root() {
	local root=$1 package version deb dir
	rm -rf "$root.new" # of a killed run: we hold the lock
	mkdir -p "$root.new/usr"/{bin,sbin,lib,lib64} "$root.new"/{dev,proc,tmp}
	for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$root.new/$dir"; done
	while read -r package version; do
		deb=$(fetch_deb "$package" "$version") || exit "$NO_MODULE"
		dpkg-deb --fsys-tarfile "$deb" | tar --extract --directory="$root.new" \
			--keep-directory-symlink --exclude=./usr/share
	done <<<"$2"
	ln -sf gawk "$root.new/usr/bin/awk"
	mv --no-target-directory "$root.new" "$root"
}

# in_build_root ROOT COMMAND...: COMMAND sees the cache and the sources where they are.
in_build_root() {
	local root=$1 own=()
	shift
	((EUID == 0)) || own=(--map-root-user)
	# shellcheck disable=SC2016 # for the inner shell
	unshare --mount "${own[@]}" sh -ec '
		root=$1 top=$2 cache=$3
		shift 3
		for dir in /dev /proc "$top" "$cache"; do
			mkdir -p "$root$dir"
			mount --rbind "$dir" "$root$dir"
		done
		exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin "$@"
	' sh "$root" "$(cd "$LAB/../.." && pwd)" "$VQ_CACHE" "$@"
}

# --- the kernel's BTF -------------------------------------------------------

# btf_of TREE SCRATCH: a file with it. 6.1 brings no vmlinux with its headers, and
# must find none there: kbuild has not got the tools that BTF in a module would need.
btf_of() {
	local tree=$1 vmlinux=$2
	if [[ -f $tree/vmlinux ]]; then
		vmlinux=$tree/vmlinux
	elif [[ ! -f $vmlinux ]]; then
		"$LAB/../../modules/unpack-image" "$KERNEL_DIR/bzImage" >"$vmlinux" || exit "$NO_MODULE"
	fi
	printf '%s\n' "$vmlinux"
}
