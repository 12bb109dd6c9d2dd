# shellcheck shell=bash
# Start one QEMU, talk to it, end it. Sourced by boot.

CTL='' QEMU_PID='' FEEDER='' GUEST_READY=no GUEST_STATUS='' DEADLINE=0
FILTERS=()

# --- the machine ------------------------------------------------------------

# no_timer_check: on a busy host, a timer of TCG's can be too late for the test that
# Linux puts it to as it boots, and that ends in a panic.
machine_arguments() {
	local accel cpu=max
	case $ACCEL in
	# With a thread per CPU, QEMU 7.2 can run an int3 that the guest's kernel has
	# patched away already: "Oops: int3", once in some dozen boots.
	tcg) accel=tcg,thread=single ;;
	mttcg) accel=tcg,thread=multi ;;
	kvm) accel=kvm cpu=host ;;
	*) die "$BAD_USAGE" "accel is tcg, mttcg or kvm, not $ACCEL" ;;
	esac
	[[ $ICOUNT == no ]] || QEMU_ARGS+=(-icount "shift=0,sleep=off")
	QEMU_ARGS+=(
		-nodefaults -no-user-config -no-reboot -display none -vga none -nic none
		-accel "$accel" -cpu "${CPU:-$cpu}" -smp "$SMP" -m "$MEM$(more_memory)"
		-object "memory-backend-file,id=ram,size=${MEM}M,share=on,mem-path=$RAM"
		-machine q35,memory-backend=ram,usb=off,sata=off,smbus=off,vmport=off,i8042=off
		-kernel "$KERNEL_DIR/bzImage" -initrd "$WORK/initrd"
		-append "console=ttyS0 panic=-1 no_timer_check loglevel=4${SWIOTLB:+ swiotlb=$SWIOTLB}${APPEND:+ $APPEND}"
		-qmp "unix:$WORK/qmp,server=on,wait=off"
		-chardev "file,id=kernel,path=/dev/fd/4" -device isa-serial,index=0,chardev=kernel
		-chardev "stdio,id=command,signal=off" -device isa-serial,index=1,chardev=command
		-chardev "file,id=lab,path=/dev/fd/3" -device isa-serial,index=2,irq=5,chardev=lab
	)
}

# Stores to any address of the machine, as another device could do them.
qtest_socket() {
	[[ $QTEST == on ]] || return 0
	QEMU_ARGS+=(-qtest "unix:$WORK/qtest,server=on,wait=off" -qtest-log /dev/null)
	ENV_LINES+=("QTEST=$(printf %q "$WORK/qtest")")
}

# A file that outside programs map: it is the hypervisor's view of the guest.
make_ram() {
	local free_mib
	free_mib=$(df --output=avail --block-size=1M /dev/shm 2>/dev/null | tail -n 1) || free_mib=0
	if ((free_mib > MEM)); then
		RAM=$(mktemp /dev/shm/vq-lab-ram.XXXXXX)
	else
		RAM=$WORK/ram
	fi
	truncate --size="${MEM}M" "$RAM"
}

# Where memory devices go.
more_memory() { ((MORE_MEM == 0)) || printf ',maxmem=%sM' $((MEM + MORE_MEM)); }

# --- its three serial ports -------------------------------------------------

# Whole lines at once, so that CMD's and the kernel's do not tear each other;
# at a terminal every character at once, so that a prompt is seen.
without_cr() {
	if [[ -t 1 ]]; then stdbuf -o0 tr -d '\r'; else stdbuf -oL tr -d '\r'; fi
}

# CTL reads what the guest's init tells us, and ends when QEMU does.
# QEMU opens its input itself: it makes its files non-blocking, and that must
# not hit the end that our feeder writes to.
start_qemu() {
	local kernel_out command_out
	mkfifo "$WORK/stdin"
	exec {GUEST_IN}<>"$WORK/stdin"
	exec {kernel_out}> >(without_cr | tee "$WORK/kernel.log")
	FILTERS+=($!)
	exec {command_out}> >(without_cr)
	FILTERS+=($!)
	exec {CTL}< <(exec setpriv --pdeathsig TERM "$QEMU" "${QEMU_ARGS[@]}" \
		3>&1 4>&"$kernel_out" <"$WORK/stdin" >&"$command_out" 2>"$WORK/qemu.err")
	QEMU_PID=$!
	exec {kernel_out}>&- {command_out}>&-
}

# The guest's serial port would lose what comes before its driver is up, so
# this starts when init says so. ^D is the end of the input there.
start_feeder() {
	(
		trap 'kill "$cat"' TERM
		cat <&"$STDIN" &
		cat=$!
		if wait "$cat"; then printf '\004\004'; fi
	) >&"$GUEST_IN" 2>/dev/null &
	FEEDER=$!
}

# --- outside programs -------------------------------------------------------

publish_env() {
	local file=$LAB_DIR/env
	{
		printf 'QMP=%q\nRAM=%q\nPID=%s\nMEM=%s\n' "$WORK/qmp" "$RAM" "$QEMU_PID" "$MEM"
		((${#ENV_LINES[@]} == 0)) || printf '%s\n' "${ENV_LINES[@]}"
	} >"$file.new"
	mv "$file.new" "$file"
	PUBLISHED=$file
}

# --- the guest's life -------------------------------------------------------

# next_word SECONDS: handle what init says. 0 something was said, 1 QEMU is
# gone, 2 nothing was said in time.
next_word() {
	local line
	if read -r -t "$1" -u "$CTL" line; then
		heard "${line%$'\r'}"
	elif (($? > 128)); then
		return 2
	else
		return 1
	fi
}

heard() {
	case $1 in
	ready)
		[[ $GUEST_READY == yes ]] || start_feeder # or it started another kernel by itself
		GUEST_READY=yes
		verbose "guest ready after $((${EPOCHREALTIME/./} / 1000 - STARTED)) ms"
		;;
	'status '*) GUEST_STATUS=${1#status } ;;
	'note '*) say "${1#note }" ;;
	esac
}

wait_for_qmp() {
	local result=0
	until [[ -S $WORK/qmp ]]; do
		next_word 0.02 || result=$?
		[[ $result != 1 ]] || return 0
	done
	publish_env
}

wait_for_status() {
	local left result
	while [[ -z $GUEST_STATUS ]]; do
		left=$((DEADLINE - SECONDS))
		((left > 0)) || return 0
		result=0
		next_word "$left" || result=$?
		[[ $result != 1 ]] || return 0
	done
}

# Ends QEMU if it runs; then everything the guest printed is on its way out.
end_qemu() {
	[[ -n $QEMU_PID ]] || return 0
	kill "$QEMU_PID" 2>/dev/null || true
	wait "$QEMU_PID" && QEMU_RESULT=0 || QEMU_RESULT=$?
	QEMU_PID=''
	wait "${FILTERS[@]}" 2>/dev/null || true
}

qemu_is_alive() { kill -0 "$QEMU_PID" 2>/dev/null; }

guest_panicked() { grep --quiet '^\[ *[0-9.]*\] Kernel panic - not syncing' "$WORK/kernel.log"; }

conclude() {
	local timed_out=no
	[[ -n $GUEST_STATUS ]] || ((SECONDS < DEADLINE)) || timed_out=yes
	end_qemu
	verbose "QEMU said: $(<"$WORK/qemu.err")"
	if guest_panicked; then
		die "$PANICKED" "the guest panicked: $(grep --max-count=1 'Kernel panic' "$WORK/kernel.log" | sed 's/.*syncing: //')"
	elif [[ -n $GUEST_STATUS ]]; then
		exit "$GUEST_STATUS"
	elif [[ $timed_out == yes ]]; then
		die "$TIMED_OUT" "$([[ $GUEST_READY == yes ]] && echo CMD || echo 'the boot') did not end within $TIMEOUT s (--timeout)"
	elif [[ $GUEST_READY == no && $QEMU_RESULT != 0 ]]; then
		die "$QEMU_FAILED" "QEMU failed to start ($QEMU_RESULT): $(tail -n 3 "$WORK/qemu.err")"
	else
		die "$NO_STATUS" "the guest ended without a status (QEMU: $QEMU_RESULT) $(tail -n 3 "$WORK/qemu.err")"
	fi
}
