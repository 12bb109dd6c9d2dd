#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make install` installs, and its completions as bash and zsh run them at a terminal:
# each command, each option and each kind of argument that the program has.
set -uo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
export O=${O:-$top/build} LC_ALL=C
unset ARGP_HELP_FMT
scratch=$(mktemp -d)
usr=$scratch/root/usr
trap 'stop; rm -rf "$scratch"' EXIT

make -s -C "$top" O="$O" DESTDIR="$scratch/root" PREFIX=/usr install >/dev/null ||
	{ echo "Bail out! make install failed"; exit 1; }
export PATH=$usr/sbin:$PATH
export scratch usr
mkdir -p "$scratch/here/sub" "$scratch/rc"
touch "$scratch/here/incident.json"
cd "$scratch/here" || exit 1

# Both: what the completion offers goes to $scratch/offered, whole words, a line each; the
# line stays as it is, unless there is a file $scratch/insert.
cat >"$scratch/rc/bash" <<'END'
. /usr/share/bash-completion/bash_completion
BASH_COMPLETION_USER_DIR=$usr/share/bash-completion
_completion_loader vq-audit
observe() {
	local word=${COMP_LINE##* }
	word=${word%"${word##*[${COMP_WORDBREAKS//[^=:]}]}"}
	_vq_audit "$@"
	printf '%s\n' "${COMPREPLY[@]/#/$word}" >"$scratch/offered.new"
	[ -e "$scratch/insert" ] || COMPREPLY=()
	mv "$scratch/offered.new" "$scratch/offered"
}
complete -F observe vq-audit
END
cat >"$scratch/rc/.zshrc" <<'END'
fpath=("$usr/share/zsh/site-functions" $fpath)
zstyle ':completion:*' completer _complete
autoload -Uz compinit && compinit -u -D
compadd() {
	if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
		local -a hits
		builtin compadd -A hits "$@"
		print -rl -- "$IPREFIX"${^hits} >>"$scratch/offered.new"
	fi
	builtin compadd "$@"
}
observe() {
	: >"$scratch/offered.new"
	_vq-audit "$@"
	[ -e "$scratch/insert" ] || compstate[insert]='' compstate[list]=''
	mv "$scratch/offered.new" "$scratch/offered"
}
compdef observe vq-audit
END

# start SHELL: at a terminal, which reads keys from descriptor 5
start() {
	local run="bash --noprofile --rcfile $scratch/rc/bash -i"
	[ "$1" = bash ] || run="ZDOTDIR=$scratch/rc zsh -d -i"
	rm -f "$scratch/keys"
	mkfifo "$scratch/keys"
	TERM=dumb script -qc "$run" /dev/null <"$scratch/keys" >"$scratch/screen" 2>&1 &
	terminal=$!
	exec 5>"$scratch/keys"
}

stop() {
	[ -n "${terminal:-}" ] || return 0
	exec 5>&-
	kill "$terminal" 2>/dev/null
	wait "$terminal" 2>/dev/null
	terminal=
}

# appears FILE: waits for it
appears() {
	for _ in {1..1000}; do
		[ ! -e "$1" ] || return 0
		sleep 0.01
	done
	echo "# no $1; the screen:"
	tail -n 20 "$scratch/screen" | sed 's/^/#   /'
	return 1
}

# offered LINE: what is offered at its end. What may follow a word, = or :, is left out.
offered() {
	rm -f "$scratch/offered"
	printf '%s\t' "$1" >&5
	appears "$scratch/offered" || return
	printf '\025' >&5
	sed 's/[=:/]$//; s/\\?$/?/' "$scratch/offered" | sort -u | sed '/^$/d'
}

# shellcheck source=tests/lib/check.sh
source "$top/tests/lib/check.sh"
differ() { diff <(sort -u | sed '/^$/d') <(offered "$1") | grep '^[<>]' | sed "s/^/$1: /"; }

# Without --help itself, of which the completions know.
options_of() { vq-audit "$1" --usage | tr -d '\n' | grep -oE -- '\[--?[A-Za-z?-]+' | tr -d '[' |
	awk '/^--/ { print; next } { for (i = 2; i <= length($0); i++) print "-" substr($0, i, 1) }'; }
kinds_of() { vq-audit "$1" --usage | tr -d '\n' | grep -oE -- '--[a-z-]+=[^ ]*\]' | sed 's/]$//; s/=/ /'; }
rules() { vq-audit rules -j | jq -r .rule; }
# refused OPTION: what the program says that it takes
refused() { { vq-audit run "$1=?" 2>&1 || true; } | sed -n 's/.* is none of //p' | sed 's/, /\n/g'; }
devices() {
	local d
	for d in /sys/bus/virtio/devices/*; do
		[ -e "$d" ] && basename "$d" && basename "$(dirname "$(readlink -f "$d")")"
	done
}

# expect KIND OPTION: what may stand for a KIND; false if nobody said
expect() {
	case $1 in
	RULE) rules ;;
	RULE=ACTION) rules; echo all ;;
	LEVEL | WHEN) refused "$2" ;;
	'KIND[:WHERE]') refused "$2" | sed 's/[:[].*//' ;;
	'[DEVICE=]WHAT') refused "$2"; devices ;;
	DEVICE | DEVICE=FIRST-LAST | DEVICE:QUEUE) devices ;;
	FILE | PAGE) printf '%s\n' incident.json sub ;;
	DIR) echo sub ;;
	N | 'N[,all]' | MS | SECS | PERCENT | TIME) ;;
	*) return 1 ;;
	esac
}

# arguments COMMAND: each kind, behind a space and behind =
arguments() {
	local option kind want
	while read -r option kind; do
		want=$(expect "$kind" "$option") || { echo "$option: the completions know no $kind"; continue; }
		differ "vq-audit $1 $option " <<<"$want"
		differ "vq-audit $1 $option=" < <(sed "/./s/^/$option=/" <<<"$want")
	done < <(kinds_of "$1")
	kind=$(vq-audit "$1" --help | sed -n 's/^Usage:.*\[OPTION\.\.\.\] *\[*\([A-Z:]*\).*/\1/p')
	[ -z "$kind" ] || differ "vq-audit $1 " < <(expect "$kind" '')
}

device=$(devices | head -n 1)
[ -n "$device" ] || echo '# no virtio device on this machine: none can be offered'
commands=$(sed -n 's/^	{ "\([a-z]*\)", cmd_.*/\1/p' "$top/user/main.c")
echo "1..$((2 + 2 * (4 + 2 * $(wc -w <<<"$commands"))))"

installed=$(cd "$usr" && find . -type f | sort)
check "make install: program, pages, completions and documents" "$(
	for f in sbin/vq-audit share/man/man8/vq-audit{,-run,-report}.8 \
		share/bash-completion/completions/vq-audit share/zsh/site-functions/_vq-audit \
		share/doc/vq-audit/{README,rules,sinks,metrics}.md share/doc/vq-audit/LICENSE \
		share/vq-audit/prometheus/vq-audit.rules.yml \
		share/initramfs-tools/{hooks/vq-audit,scripts/init-top/00-vq-audit}; do
		grep -qxF "./$f" <<<"$installed" || echo "no $f"
	done
	MANPATH=$usr/share/man man -w vq-audit-run 2>&1 >/dev/null
	find "$scratch/root" -type f -path '*/share/*' ! -path '*/initramfs-tools/*' -perm /111
	find "$scratch/root" -type f -path '*/initramfs-tools/*' ! -perm -111
)"

for shell in bash zsh; do
	start "$shell"
	check "$shell: commands" "$(
		{ echo help; echo "$commands"; } | differ 'vq-audit '
		{ echo help; echo "$commands"; } | differ 'vq-audit -j '
		echo "$commands" | grep ^re | differ 'vq-audit re'
		{ echo help; echo "$commands"; } | differ 'vq-audit help '
	)"
	for command in $commands; do
		check "$shell: options of $command" "$(options_of "$command" | differ "vq-audit $command -")"
		check "$shell: arguments of $command" "$(arguments "$command")"
	done
	check "$shell: without a command, those of run" "$(
		options_of run | differ 'vq-audit -'
		printf -- '--level=%s\n' ring dma | differ 'vq-audit -j --level='
	)"
	check "$shell: what stands within an argument" "$(
		printf 'next-flip=%s\n' break | differ 'vq-audit run --action next-flip=br'
		printf -- '--action=all=%s\n' panic | differ 'vq-audit run --action=all=pa'
		printf 'json:%s\n' incident.json sub | differ 'vq-audit run --sink json:'
		echo --sink=exec:incident.json | differ 'vq-audit run --sink=exec:inc'
		printf 'prometheus:unix:%s\n' incident.json sub | differ 'vq-audit run --sink prometheus:unix:'
	)"
	[ $shell = zsh ] || check "$shell: where : breaks no words" "$(
		printf "COMP_WORDBREAKS=\${COMP_WORDBREAKS/:}\n" >&5
		echo --sink=json:incident.json | differ 'vq-audit run --sink=json:inc'
		[ -z "$device" ] || echo "$device" | differ "vq-audit dump $device:"
		printf 'COMP_WORDBREAKS+=:\n' >&5
	)"
	touch "$scratch/insert"
	printf 'vq-audit rul\t--js\t >%s.1; mv %s.1 %s.rules\n' "$scratch/ran" "$scratch/ran" "$scratch/ran" >&5
	printf 'vq-audit record --le\td\t--he\t >%s.1; mv %s.1 %s.run\n' "$scratch/ran" "$scratch/ran" "$scratch/ran" >&5
	check "$shell: lines that were completed run" "$(
		appears "$scratch/ran.rules" && appears "$scratch/ran.run"
		differ=$(diff <(vq-audit rules --json) "$scratch/ran.rules") || echo "$differ"
		differ=$(diff <(vq-audit record --help) "$scratch/ran.run") || echo "$differ"
	)"
	stop
	rm -f "$scratch"/ran.* "$scratch/insert"
done
exit $failed
