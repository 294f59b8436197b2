#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash disable=SC2016,SC3043
#
# Whatever is typed, whoever is gone, whenever the signal comes: a message, the right status, the
# prompt back, nothing left.
. "${0%/*}/lib.sh"

before=$(programs_now)
mark=31.$$ # sleeps of this test, and of no other

# says NAME STATUS TEXT COMMAND...: status and a part of what is said on standard error
says() {
	local what=$1 want=$2 text=$3 got
	shift 3
	# what should have been refused would trace on and on
	[ "$1" != nslens ] || set -- timeout 60 "$@"
	"$@" >"out.$what" 2>"err.$what" </dev/null
	got=$?
	if [ "$want" != any ] && [ $got -ne "$want" ]; then
		bad "$what" "status $got, not $want: $(tail -n 1 "err.$what")"
	elif [ -n "$text" ] && ! grep -q -e "$text" "err.$what"; then
		bad "$what" "standard error does not say '$text': $(head -n 1 "err.$what")"
	else
		ok "$what"
	fi
}

# --- usage
says no-command 2 '' nslens
says bad-command 2 'no command' nslens nonsense
says bad-option 2 'no option --nonsense' nslens trace --nonsense
says bad-short-option 2 'no option' nslens trace -x
says bad-doctor-option 2 '' nslens doctor --nonsense
for o in --pid --comm --cgroup --container --type --colour --hooks --buffer --user --output; do
	says "no-value$o" 2 'needs a value' nslens trace $o
done
says bad--pid-word 2 '--pid' nslens trace --pid x
says bad--pid-empty 2 '--pid' nslens trace --pid ''
says bad--pid-zero 2 '--pid' nslens trace --pid 0
says bad--pid-negative 2 '--pid' nslens trace --pid -1
says bad--pid-tail 2 '--pid' nslens trace --pid 1x
says bad--pid-huge 2 '--pid' nslens trace --pid 99999999999999999999
says bad--comm 2 '--comm' nslens trace --comm ''
says bad--container 2 '--container' nslens trace --container ''
for value in '' none mnt,none ,mnt mnt, mnt,,uts MNT; do
	says "bad--type-'$value'" 2 '--type' nslens trace --type "$value"
done
says bad--colour 2 '--colour' nslens trace --colour=sometimes
says bad--hooks 2 '--hooks' nslens trace --hooks=uprobe
for value in '' 0 x -1 1G 64MM 99999999999999999999 2048M '1 M'; do
	says "bad--buffer-'$value'" 2 '--buffer' nslens trace --buffer="$value"
done
says json-needs-o 2 '-o' nslens trace --json -- true
says pid-and-cmd 2 'pid' nslens trace --pid 1 -- true
says user-without-cmd 2 'user' nslens trace -u root
says wait-tree-without-cmd 2 'wait-tree' nslens trace --wait-tree
says all-without-cmd 2 'all' nslens trace --all
says pid-gone 1 'no process' timeout 60 nslens trace --pid 4194303
says cgroup-missing any 'cgroup' timeout 60 nslens trace --cgroup /no/such/directory
says cgroup-none any 'not a cgroup' timeout 60 nslens trace --cgroup /tmp
says unwritable-directory 2 '/no/such/file' nslens trace -o /no/such/file -- true
says unwritable-is-directory 2 '/tmp' nslens trace -o /tmp
says full-device 125 '/dev/full' timeout 60 nslens trace --json -o /dev/full -- calls run unshare-uts
full_out() { timeout 60 nslens trace >/dev/full; }
says full-output 1 'No space left' full_out
full_help() { nslens trace --help >/dev/full; }
says full-help 1 '' full_help
says help 0 '' nslens trace --help

# --- CMD
says cmd-not-found 127 'nslens trace: cannot run no-such-program: No such file' nslens trace -o x -- no-such-program
says cmd-not-found-record 127 'nslens record: cannot run no-such-program: No such file' nslens record -o x.nslens -- no-such-program
says cmd-not-executable 126 'part.sh\|lib.sh\|ermission' nslens trace -o x -- /etc/passwd
says cmd-is-directory 126 '' nslens trace -o x -- /tmp
says cmd-empty 127 '' nslens trace -o x -- ''
says cmd-status 42 '' nslens trace -o x -- sh -c 'exit 42'
says cmd-killed 143 '' nslens trace -o x -- sh -c 'kill -TERM $$'
says cmd-killed-9 137 '' nslens trace -o x -- sh -c 'kill -KILL $$'
says cmd-false 1 '' nslens trace -o x -- false
nslens trace -o x -- sh -c 'cat; echo heard >&2' <"$bin/lib.sh" >cmd.out 2>cmd.err
check cmd-stdio 'its output or input was changed' cmp -s "$bin/lib.sh" cmd.out
check cmd-stderr "standard error has: $(head -c 100 cmd.err)" [ "$(cat cmd.err)" = heard ]
nslens trace -o x -- sh -c 'ls /proc/self/fd | tr "\n" " "; grep -i -E "^Sig(Blk|Ign)" /proc/self/status' >cmd.fds
sh -c 'ls /proc/self/fd | tr "\n" " "; grep -i -E "^Sig(Blk|Ign)" /proc/self/status' >own.fds
check cmd-inherits-nothing "CMD has $(tr '\n' ' ' <cmd.fds) instead of $(tr '\n' ' ' <own.fds)" cmp -s cmd.fds own.fds

# --- no root
as_user() {
	if [ -n "$GUEST" ]; then
		echo nobody:x:65534:65534:nobody:/:/bin/sh >>/etc/passwd
		su -s /bin/sh nobody -c "$1"
	else
		setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "$1"
	fi
}
says no-root 1 'root\|rivilege\|CAP_' as_user 'timeout 60 nslens trace'
says no-root-cmd 125 'root\|rivilege\|CAP_' as_user 'nslens trace -- true'
says no-root-doctor 1 '' as_user 'nslens doctor'
check no-root-doctor-says "doctor does not name root: $(grep -i privil out.no-root-doctor)" \
	grep -q -i 'root\|CAP_' out.no-root-doctor
says doctor 0 '' nslens doctor
release=$(uname -r)
minor=${release#*.}
if [ $((${release%%.*} * 1000 + ${minor%%[!0-9]*})) -ge 6014 ]; then asks='ask not'; else asks='cannot ask'; fi
check doctor-preemption "$(grep preempt out.doctor), not: $asks" grep -q "preemption *programs $asks" out.doctor

# --- signals: in each phase, with and without CMD
# bracketed, so that grep does not find itself; an nslens or timeout that runs one is found, too
sleepers() { grep -l -a -e "[s]leep.$mark" /proc/[0-9]*/cmdline 2>/dev/null | sed 's,/proc/,,;s,/.*,,'; }
no_sleepers() { [ -z "$(sleepers)" ]; }
end_sleepers() {
	local p
	for p in $(sleepers); do kill -KILL "$p" 2>/dev/null; done
}
# The prompt is back within a second: nothing waits for CMD, which sleeps on.
end_limit=1000
# the phases are shares of what a whole trace takes here, the last is when it is at work
from=$(now)
nslens trace "$hooks_arg" --json -o whole.jsonl -- true 2>/dev/null
whole=$(($(now) - from))
slowest=0 early=0 late=0
for signal in INT TERM HUP; do
	case $signal in INT) number=2 ;; TERM) number=15 ;; HUP) number=1 ;; esac
	wrong=''
	for share in 1 15 40 70 100 200; do
		ms=$((whole * share / 100))
		for cmd in '' "-- sleep $mark"; do
			rm -f sig.jsonl
			# shellcheck disable=SC2086
			signalled -g $signal $ms nslens trace "$hooks_arg" --json -o sig.jsonl $cmd >sig.out 2>sig.err
			read -r status took <sig.out
			[ "$took" -le $slowest ] || slowest=$took
			if started sig.jsonl; then late=$((late + 1)); else early=$((early + 1)); fi
			# 0: ended as asked
			case $status in
			0 | $((128 + number))) ;;
			*) wrong="$wrong after $ms ms '$cmd' status $status ($(tail -n 1 sig.err));" ;;
			esac
			[ "$took" -le $end_limit ] || wrong="$wrong after $ms ms '$cmd' $took ms to end;"
		done
	done
	check "signal-$signal" "$wrong" [ -z "$wrong" ]
done
say "signals in every phase, $early times before the start and $late times after it: at most $slowest ms to end"
if until_true 5 no_sleepers; then
	ok no-cmd-left
else
	bad no-cmd-left "still there: $(for p in $(sleepers); do tr '\0' ' ' </proc/"$p"/cmdline; done)"
	end_sleepers
fi

# a signal to nslens alone must end the trace, too: CMD has not got it
for signal in INT TERM HUP; do
	nslens trace "$hooks_arg" --json -o lone.jsonl -- sleep $mark 2>lone.err &
	pid=$!
	await_start lone.jsonl
	from=$(now)
	kill -$signal $pid
	until_true 5 gone $pid
	took=$(($(now) - from))
	check "lone-$signal" "still there after $took ms, waiting for CMD" [ $took -le $end_limit ]
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	end_sleepers
	rm -f lone.jsonl
done

# SIGCHLD ignored: the kernel keeps no child for us, unless we want it to. CMD has it as it was
unheard() { signalled -g -i KILL $((whole * 3 + 5000)) "$@"; }
for command in trace record; do
	unheard nslens $command "$hooks_arg" -o unheard.$command -- sh -c 'exit 3' >sig.out 2>sig.err
	read -r status took <sig.out
	check "ignored-chld-$command" "status $status, not 3: $(tail -n 1 sig.err)" [ "$status" = 3 ]
done
unheard nslens trace "$hooks_arg" -o x -- grep SigIgn /proc/self/status | grep SigIgn >cmd.ignored
unheard grep SigIgn /proc/self/status | grep SigIgn >own.ignored
check ignored-chld-cmd "CMD has $(cat cmd.ignored) instead of $(cat own.ignored)" cmp -s cmd.ignored own.ignored

# killed before CMD was released: CMD must never run on its own
early=0
for share in 2 10 20 30; do
	ms=$((whole * share / 100))
	signalled KILL $ms nslens trace "$hooks_arg" --json -o kill.jsonl -- sleep $mark >/dev/null 2>&1
	if ! started kill.jsonl; then
		early=$((early + 1))
		until_true 5 no_sleepers || bad killed-early "CMD runs though nslens was killed after $ms ms"
	fi
	end_sleepers
	rm -f kill.jsonl
done
if [ $early -gt 0 ]; then
	ok killed-before-start
else
	skipped killed-before-start "nslens was ready in every try, at the earliest $((whole * 2 / 100)) ms after its start"
fi

# --- two at once
nslens trace "$hooks_arg" --json -o two1.jsonl -- sh -c 'sleep 0.3; calls run unshare-uts unshare-ipc >two1.in' 2>/dev/null &
nslens trace "$hooks_arg" --json -o two2.jsonl -- sh -c 'sleep 0.3; calls run unshare-mnt unshare-bad-bit >two2.in' 2>/dev/null
wait
for i in 1 2; do
	check "two-at-once-$i" "$(grep -c '"syscall":"unshare"' two$i.jsonl) calls instead of 2" \
		[ "$(grep -c '"syscall":"unshare"' two$i.jsonl)" = 2 ]
done

# --- who reads is gone, or was never there
[ -z "$GUEST" ] || attached 15 >/dev/null
rm -f pipe.ended
while [ ! -e pipe.ended ]; do
	calls run unshare-uts unshare-ipc
	sleep 0.3
done >/dev/null 2>&1 &
callers=$!
{
	timeout -k 1 20 nslens trace "$hooks_arg" --brief 2>pipe.err
	now >pipe.ended
} | {
	head -n 1 >pipe.out
	now >pipe.closed
}
took=$(($(cat pipe.ended) - $(cat pipe.closed)))
check closed-pipe "ended $took ms after its reader" [ $took -le 2000 ] # it has to write first
check closed-pipe-quiet "says $(head -n 1 pipe.err)" [ ! -s pipe.err ]
check closed-pipe-line "no line" [ -s pipe.out ]
wait $callers
timeout 60 nslens trace "$hooks_arg" --json -o closed.jsonl -- calls run unshare-uts >&- 2>closed.err
check closed-stdout "no end record: $(tail -n 1 closed.err)" grep -q '"type":"end"' closed.jsonl
timeout 60 nslens trace "$hooks_arg" --json -o closed2.jsonl -- no-such-program 2>&-
if grep -q -v '^{.*}$' closed2.jsonl; then
	bad closed-stderr "messages stand among the records: $(grep -v '^{.*}$' closed2.jsonl | head -n 1)"
else
	ok closed-stderr
fi
timeout 60 nslens trace "$hooks_arg" --json -o closed3.jsonl -- calls run unshare-uts 0<&- >/dev/null 2>&1
check closed-stdin "no end record" grep -q '"type":"end"' closed3.jsonl
timeout -s INT 1 nslens trace "$hooks_arg" >&- 2>closed4.err
check closed-stdout-no-cmd "does not say why: $(cat closed4.err)" grep -q 'standard output\|the story\|Bad file' closed4.err

# --- colour
esc=$(printf '\033')
env -u TERM timeout 60 nslens trace "$hooks_arg" -- calls run unshare-uts >/dev/null 2>plain.err
check no-colour-no-tty "escape sequences without a terminal" sh -c '! grep -q "$1" plain.err' sh "$esc"
nslens trace "$hooks_arg" --colour=always -- calls run unshare-uts >/dev/null 2>colour.err
check colour-always "no escape sequence" grep -q "$esc" colour.err

# --- nothing is left
none_left() { [ "$(programs_now)" -le "$before" ]; }
if until_true 15 none_left; then
	ok nothing-attached
elif [ -z "$GUEST" ] && pgrep -x nslens >/dev/null; then
	skipped nothing-attached "another nslens is at work on this machine"
else
	bad nothing-attached "$(programs_now) programs, $before before"
fi
exit 0
