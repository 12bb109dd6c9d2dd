# shellcheck shell=bash
# Ports of the loopback. Sourced.

# free_port tcp|udp: one that nobody has, below those that the kernel gives away itself
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		grep --quiet "$(printf ':%04X ' "$port")" "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null || break
	done
	printf '%s\n' "$port"
}
