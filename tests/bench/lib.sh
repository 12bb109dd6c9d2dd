# shellcheck shell=bash
# Shared by what measures with ringcost/. Sourced, never run: HERE, LAB and ROOM are set.

# build_module KERNEL: to $ROOM/KERNEL/ringcost.ko
build_module() {
	local dir=$ROOM/$1 kernel
	kernel=$("$LAB/kernel" "$1") || return 1
	mkdir -p "$dir" && cp "$HERE"/ringcost/{ringcost.c,Makefile} "$dir/" &&
		make -C "$kernel/build" M="$dir" modules >"$dir/log" 2>&1
}
