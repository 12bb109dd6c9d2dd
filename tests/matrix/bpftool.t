#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# docs/bpftool.md: its commands, run beside a running audit as they stand there, print the
# lines that stand below them, and its tables have each program and each map.
# shellcheck disable=SC2016 # what stands in single quotes is for the guest, or Markdown
# shellcheck disable=SC2317 # in_parallel calls what seems not to be called
set -uo pipefail

: "${PATIENCE:=240}" # the verifier of a guest that is emulated takes its time

# shellcheck source=tests/matrix/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DOC=$ROOT/docs/bpftool.md
DIR=$TMPDIR/guest

# commands: those of the document, and below each, behind a tab, what it is to print
commands() {
	awk '/^```/ { code = !code; next }
		code && /^# / { print substr($0, 3); next }
		code { print "\t" $0 }' "$DOC"
}

# shape: what is left of lines when numbers may differ
shape() {
	sed -E 's/^[ \t]+//; s/[ \t]+$//; s/[ \t]+/ /g; s/\<[0-9a-f]{16}\>/TAG/g; s/[0-9]+/N/g; s/N(,N)+/N/g'
}

# printed COMMAND: what it prints in the guest; its status
printed() {
	local from status=0
	from=$(lines "$DIR")
	tell "$DIR" "$1" || status=$?
	tail -n "+$((from + 1))" "$DIR/out" | grep -v '^{"type":'
	return "$status"
}

# judge COMMAND WANT: lines of WANT, in their shape
judge() {
	local status=0 missing
	printed "$1" >"$TMPDIR/printed" || status=$?
	missing=$(printf '%s' "$2" | shape | grep -v '^$' | grep -vxFf <(shape <"$TMPDIR/printed"))
	if [[ $status == 0 && -z $missing ]]; then
		pass "$1"
	else
		fail "$1" "status $status; lines that are missing:" "$missing" "it printed:" \
			"$(head -n 10 "$TMPDIR/printed")"
	fi
}

run_document() {
	local line command='' want=''
	while IFS= read -r line; do
		case $line in
		$'\t'*) want+=${line#$'\t'}$'\n' ;;
		*)
			[[ -z $command ]] || judge "$command" "$want"
			command=$line want=
			;;
		esac
	done < <(commands)
	judge "$command" "$want"
}

# rows TITLE: the patterns in the first column of the table below this title
rows() {
	awk -v title="## $1" '/^## / { on = $0 == title } on && /^\| `/' "$DOC" | cut -d '|' -f 2 |
		grep -o '`[^`]*`' | tr -d '`'
}

# tables NAME TITLE: each of the names on standard input has a row, and each row a name
tables() {
	local name row found missing='' known
	known=$(cat)
	for name in $known; do
		found=
		while read -r row; do
			# shellcheck disable=SC2053 # a pattern
			[[ $name != $row ]] || found=yes
		done < <(rows "$2")
		[[ -n $found ]] || missing+="$name "
	done
	while read -r row; do
		grep -qx -- "${row//\*/.*}" <<<"$known" || missing+="$row (of the document) "
	done < <(rows "$2")
	is "$1: $(wc -w <<<"$known")" "$missing" ''
}

# of_skeleton TYPE: programs and maps of all tiers, as the kernel will call them
of_skeleton() {
	grep -oh "struct bpf_$1 \*[a-z0-9_]*;" "$O/vq_audit.skel.h" | sed 's/.*\*//; s/;//; s/^\(rodata\|data\|bss\)$/vq_audit.\1/'
}

document() {
	of_skeleton program | tables 'the document has each program of each tier' Programs
	of_skeleton map | tables 'and each map' Maps
	is 'map names are not cut off' "$(of_skeleton map | awk 'length > 15')" ''
	is 'losses are numbered as they are' \
		"$(grep -o '| [0-9] | [a-z-]* ' "$DOC" | tr -d '|' | sort | xargs)" \
		"$(sed -n '/define VQA_LOSSES/,/^$/s/.*X([A-Z_]*, "\([a-z-]*\)".*/\1/p' \
			"$ROOT/include/vq_audit/losses.h" | awk '{ print NR - 1, $0 }' | xargs)"
}

# The same from inside: what the kernel shows of the audit, by its btf_id.
shown() {
	local btf types
	btf=$(printed 'bpftool map show name queues' | sed -n 's/.*btf_id \([0-9]*\).*/\1/p')
	printed 'bpftool prog show' >"$TMPDIR/programs"
	printed 'bpftool map show' >"$TMPDIR/maps"
	is 'all programs have one btf_id' "$(sed -n 's/.*btf_id \([0-9]*\).*/\1/p' "$TMPDIR/programs" | sort -u)" "$btf"
	is 'no program or map is called what the document does not have' "$(
		sed -n 's/^[0-9]*: .* name \([^ ]*\) .*/\1/p' "$TMPDIR/programs" "$TMPDIR/maps" |
			grep -vxFf <(of_skeleton program; of_skeleton map))" ''
	types=$(awk '/^[0-9]+: / { name = $4 } /btf_id/ { print name }' "$TMPDIR/maps" | sort)
	is 'each map but the ring buffer has types' "$types" \
		"$(sed -n 's/^[0-9]*: .* name \([^ ]*\) .*/\1/p' "$TMPDIR/maps" | grep -vx events | sort)"
}

# What the document says of prog profile is said of a bpftool without skeletons.
profile() {
	local name='prog profile says that it is not supported'
	if printed 'bpftool version' | grep -q '^features:.*skeletons'; then
		pass "$name # SKIP this bpftool was built with skeletons"
	else
		printed 'bpftool prog profile name vq_verdict duration 1 cycles' >"$TMPDIR/profile"
		contains "$TMPDIR/profile" "$name" 'not supported'
	fi
}

guest() {
	if ! guest_boot "$DIR" --kernel patched-6.12 --set iommu_platform=on --device blk --device net; then
		fail 'the guest boots' "$(tail -n 20 "$DIR/err")"
		return
	fi
	ok 'the audit starts' start_audit "$DIR" --pin --level dma
	tell "$DIR" 'load blk0'
	run_document
	shown
	profile
	tell "$DIR" 'unload blk0'
	end_audit "$DIR"
	is 'and nobody was disturbed: the audit ends clean' "$?" 0
	account 'bpftool' "$DIR"
	tell "$DIR" 'vq-audit unpin'
	guest_exit "$DIR" || true
}

begin
in_parallel document guest
finish
