# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash completion of vq-audit, for bash-completion 2.8 or later. Which commands, options,
# rules, actions and sinks there are, the program is asked; what stands here is what kind of
# thing an argument is, by the name that --help has for it.

# --help with a line for each option
_vq_audit_help() {
	ARGP_HELP_FMT=rmargin=10000,opt-doc-col=60 "$@" --help 2>/dev/null
}

# The names in the list below TITLE: what begins a line, or stands two columns in.
_vq_audit_names() {
	awk -v title="$1" 'on && !NF { if (any) exit; next }
		on { any = 1; if ($0 !~ /^   /) print $1; next }
		index($0, title) == 1 { on = 1 }'
}

# -j, --json and --sink=KIND[:WHERE], as help has them
_vq_audit_options() {
	awk '/^  (-., |    )--/ { if ($1 ~ /,$/) { print substr($1, 1, 2); $1 = $2 } print $1 }'
}

_vq_audit_rules() { "$1" rules 2>/dev/null | _vq_audit_names RULE; }

# virtioN, and the bus id above it, as dump and --device take both
_vq_audit_devices() {
	local device
	for device in /sys/bus/virtio/devices/*; do
		[ -e "$device" ] || continue
		echo "${device##*/}"
		device=$(readlink -f "$device")
		device=${device%/*}
		echo "${device##*/}"
	done
}

# _vq_audit_sinks PROGRAM: "json[:PATH]" is json, or json: with something behind it
_vq_audit_sinks() {
	_vq_audit_help "$1" run | _vq_audit_names Sinks, |
		awk '{ sub(/\[.*/, " &"); sub(/:[^[]*$/, ":", $1); print $1; if (NF > 1) print $1 ":" }'
}

# _vq_audit_values PROGRAM KIND VALUE: what VALUE may become; "files" and "dirs" for those
_vq_audit_values() {
	case $2 in
	RULE) _vq_audit_rules "$1" ;;
	RULE=ACTION)
		case $3 in
		*=*) "$1" rules 2>/dev/null | _vq_audit_names ACTION | sed "s/^/${3%%=*}=/" ;;
		*) { _vq_audit_rules "$1"; echo all; } | sed 's/$/=/' ;;
		esac
		;;
	[[]DEVICE=]WHAT)
		case $3 in
		*=*) printf "${3%%=*}=%s\n" leave recover panic ;;
		*)
			printf '%s\n' leave recover panic
			_vq_audit_devices | sed 's/$/=/'
			;;
		esac
		;;
	LEVEL) printf '%s\n' ring dma ;;
	WHEN) printf '%s\n' auto always never ;;
	DEVICE) _vq_audit_devices ;;
	DEVICE=*) _vq_audit_devices | sed 's/$/=/' ;;
	DEVICE:*) _vq_audit_devices | sed 's/$/:/' ;;
	KIND*) case $3 in
		text:* | json:* | syslog:* | exec:* | prometheus:unix:*) echo files ;;
		*) _vq_audit_sinks "$1" ;;
		esac ;;
	FILE | PAGE) echo files ;;
	DIR) echo dirs ;;
	esac
}

# _vq_audit_trim WORD: readline replaces of WORD what stands behind the last character that
# breaks words, which = and : do unless somebody took them out.
_vq_audit_trim() {
	local breaks=${COMP_WORDBREAKS//[^=:]/}
	[[ -z $breaks ]] || COMPREPLY=("${COMPREPLY[@]#"${1%"${1##*["$breaks"]}"}"}")
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace
}

_vq_audit_words() { # WORD CANDIDATE...
	mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$1")
	_vq_audit_trim "$1"
}

_vq_audit_files() { # WORD PATH, with which WORD ends
	cur=$2
	_filedir "${@:3}"
	COMPREPLY=("${COMPREPLY[@]/#/${1%"$2"}}")
	_vq_audit_trim "$1"
}

# _vq_audit_argument PROGRAM KIND LEAD VALUE: of the word LEAD VALUE
_vq_audit_argument() {
	local values path=$4
	[[ $2 != KIND* ]] || { path=${path#*:} && path=${path#unix:}; }
	mapfile -t values < <(_vq_audit_values "$1" "$2" "$4")
	case ${values[*]} in
	files) _vq_audit_files "$3$4" "$path" ;;
	dirs) _vq_audit_files "$3$4" "$path" -d ;;
	*) _vq_audit_words "$3$4" "${values[@]/#/$3}" ;;
	esac
}

# _vq_audit_kind --OPTION OPTION...: of what kind its argument is, if it takes one
_vq_audit_kind() {
	local option
	for option in "${@:2}"; do
		[[ $option != "$1"=* ]] || { echo "${option#*=}"; return; }
	done
	return 1
}

_vq_audit() {
	local cur prev words cword help options kind command=run at=1
	_get_comp_words_by_ref -n =: cur prev words cword || return
	COMPREPLY=()

	# As the program finds its command: behind -j and -v, and run if there is none.
	while [[ ${words[at]} == @(-j|--json|-v|--verbose) && $at -lt $cword ]]; do
		at=$((at + 1))
	done
	if [[ ${words[at]} != -* ]]; then
		command=${words[at]}
		if [[ $at == "$cword" || ( $command == help && $((at + 1)) == "$cword" ) ]]; then
			mapfile -t options < <(_vq_audit_help "$1" | _vq_audit_names Commands:)
			_vq_audit_words "$cur" "${options[@]}"
			return
		fi
	fi

	help=$(_vq_audit_help "$1" "$command") || return
	mapfile -t options < <(_vq_audit_options <<<"$help")
	if [[ $cur == --*=* ]]; then
		kind=$(_vq_audit_kind "${cur%%=*}" "${options[@]}")
		_vq_audit_argument "$1" "$kind" "${cur%%=*}=" "${cur#*=}"
	elif kind=$(_vq_audit_kind "$prev" "${options[@]}"); then
		_vq_audit_argument "$1" "$kind" '' "$cur"
	elif [[ $cur == -* ]]; then
		_vq_audit_words "$cur" "${options[@]/%=*/=}"
	else
		kind=$(sed -n 's/^Usage: .*\[OPTION\.\.\.\] *\[*\([A-Z:]*\).*/\1/p' <<<"$help")
		_vq_audit_argument "$1" "$kind" '' "$cur"
	fi
}

complete -F _vq_audit vq-audit
