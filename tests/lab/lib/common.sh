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
