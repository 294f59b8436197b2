#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs one command line in a guest with a stock Debian kernel, under QEMU's
# software emulation.  init.sh is the other half of it.
#
# The kernel is started as the plain ELF inside vmlinuz (PVH entry): the same
# code, but the emulated machine need not decompress it first, which is more
# than a third of the time that a boot takes.

set -u -o pipefail
export LC_ALL=C

usage() {
	cat <<'END'
usage: run.sh --kernel SERIES [OPTION]... -- COMMAND-LINE

Boots the newest Debian cloud kernel of SERIES (see kernel.sh) and runs
COMMAND-LINE there as root with `sh -c`, in /nslens, with PATH=/nslens:/bin.
Its standard output and error appear here as they are written.

  --kernel SERIES     5.10 ... 7.3, or the path of a vmlinuz
  --arch ARCH         amd64 (default) or arm64 (needs qemu-system-arm, and the
                      busybox that "make arm64" leaves; not --full)
  --full              Debian bookworm with runc, crun, bubblewrap, podman,
                      util-linux, iproute2, strace, jq; container root in
                      /var/lib/nslens/rootfs, bundle in /var/lib/nslens/bundle
                      (without: busybox alone)
  --file PATH[:NAME]  put a file or directory into /nslens (again for more)
  --out DIR           bring back what the command left in /out
  --smp N             processors (1)
  --icount            count instructions instead of time: repeatable runs
  --memory MB         (1024)
  --timeout S         of the whole run in real seconds (300; --full 600)
  --append ARGS       more kernel command line
  --console FILE      keep the kernel's console there
  --interactive       the command has this terminal; Ctrl-C goes to it, too
  --time              say on standard error how long it took

Exit status: the command's own; or
  124  the time was over       125  the guest did not boot, or died
  77   no suite offers SERIES any more
   2   usage
END
}

say() { echo "run.sh: $*" >&2; }
die() { say "$@"; exit 125; }
bad() { say "$*; see --help"; exit 2; }

here=$(cd "${0%/*}" && pwd)
arch=amd64 kernel='' full='' smp=1 icount='' memory=1024 limit='' append='' out='' console=''
tell='' interactive='' files=()

while [ $# -gt 0 ]; do
	case $1 in
	--kernel | --arch | --smp | --memory | --timeout | --append | --file | --out | --console)
		[ $# -ge 2 ] || bad "$1 needs an argument"
		case $1 in
		--kernel) kernel=$2 ;;
		--arch) arch=$2 ;;
		--smp) smp=$2 ;;
		--memory) memory=$2 ;;
		--timeout) limit=$2 ;;
		--append) append="$append $2" ;;
		--file) files+=("$2") ;;
		--out) out=$2 ;;
		--console) console=$2 ;;
		esac
		shift
		;;
	--full) full=1 ;;
	--icount) icount=1 ;;
	--interactive) interactive=1 ;;
	--time) tell=1 ;;
	-h | --help) usage; exit 0 ;;
	--) shift; break ;;
	*) bad "unknown option '$1'" ;;
	esac
	shift
done
[ -n "$kernel" ] || bad "--kernel is missing"
[ $# -gt 0 ] || bad "no command line after --"
[ -z "${limit//[0-9]/}" ] || bad "--timeout '$limit' is no number of seconds"
[ -z "${smp//[0-9]/}${memory//[0-9]/}" ] || bad "--smp and --memory take numbers"
command=$*
[ -z "$interactive" ] || : 2>/dev/null </dev/tty || bad "--interactive needs a terminal"
[ -n "$limit" ] || { [ -n "$interactive" ] && limit=86400; }
[ -n "$limit" ] || { [ -n "$full" ] && limit=600 || limit=300; }

case $arch in
amd64) qemu_program=qemu-system-x86_64 ;;
arm64) qemu_program=qemu-system-aarch64 ;;
*) bad "--arch '$arch': amd64 or arm64" ;;
esac
[ -z "$full" ] || [ $arch = amd64 ] || bad "--full is for amd64 alone"
for tool in $qemu_program cpio; do
	command -v $tool >/dev/null || die "$tool is missing: run \`make deps\`"
done
busybox=
candidates="/bin/busybox /usr/bin/busybox"
[ $arch = amd64 ] || candidates="$here/../../build/sysroot-$arch/bin/busybox $here/../../build/sysroot-$arch/usr/bin/busybox"
for b in $candidates; do
	# A dynamic busybox has an interpreter and cannot run in the guest.
	[ -x $b ] && ! grep -q -a -m 1 '/ld-linux' $b && { busybox=$b; break; }
done
[ -n "$busybox" ] || die "no static busybox: run \`make deps\` (package busybox-static)"

work=$(mktemp -d "${TMPDIR:-/tmp}/nslens-guest.XXXXXX") || die "no temporary directory"
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# find_kernel: sets vmlinux to the unpacked kernel, kept beside its vmlinuz.
find_kernel() {
	local vmlinuz=$kernel rc dir
	if ! [ -f "$vmlinuz" ]; then
		vmlinuz=$("$here/kernel.sh" --arch "$arch" "$kernel")
		rc=$?
		case $rc in
		0) ;;
		2) exit 2 ;;
		3) exit 77 ;;
		*) die "no kernel $kernel" ;;
		esac
		vmlinux=${vmlinuz%/*}/vmlinux
		dir=${vmlinuz%/*}
	else
		vmlinux=$work/vmlinux
		dir=$work
	fi
	if ! [ "$vmlinux" -nt "$vmlinuz" ]; then
		"$here/unpack.sh" "$vmlinuz" "$work/vmlinux" || exit 125
		# Renamed within one directory, so that a run beside this one
		# never sees half a kernel.
		if [ "$dir" != "$work" ]; then
			cp "$work/vmlinux" "$dir/vmlinux.$$" && mv "$dir/vmlinux.$$" "$vmlinux" ||
				die "cannot write $vmlinux"
			rm "$work/vmlinux"
		fi
	fi
}

# make_initramfs: what the guest starts with.  Names are sorted and times are
# fixed, so that equal files make equal guests.
make_initramfs() {
	local f name tree=$work/tree
	mkdir -p "$tree/bin" "$tree/.nslens" "$tree/nslens"
	cp "$busybox" "$tree/bin/busybox"
	cp "$here/init.sh" "$tree/init"
	cp "$here/init.sh" "$tree/.nslens/init"
	chmod 755 "$tree/init"
	printf '%s\n' "$command" >"$tree/.nslens/command"
	[ -z "$full" ] || : >"$tree/.nslens/full"
	# rows, columns and kind of the terminal
	[ -z "$interactive" ] || echo "$(stty size </dev/tty) ${TERM:-dumb}" >"$tree/.nslens/terminal"
	case $out,$icount in
	,*) ;;
	# A disk's completion depends on the host's time, a line's does not.
	*,1) : >"$tree/.nslens/results-line" ;;
	*) : >"$tree/.nslens/results-disk" ;;
	esac
	for f in ${files[@]+"${files[@]}"}; do
		case $f in
		*:*) name=${f##*:} f=${f%:*} ;;
		*) name=${f##*/} ;;
		esac
		[ -e "$f" ] || die "--file $f: no such file"
		case $name in
		*/*) mkdir -p "$tree/nslens/${name%/*}" ;;
		esac
		cp -RL "$f" "$tree/nslens/$name" || die "cannot copy $f"
	done
	(
		cd "$tree" || exit 1
		find . -exec touch -h -d @1700000000 {} +
		find . | sort | cpio -o -H newc -R 0:0 --quiet --reproducible
	) >"$work/initramfs" || die "cannot make the initramfs"
	rm -rf "$tree"
}

find_kernel
make_initramfs
if [ -n "$full" ]; then
	image=$("$here/full.sh") || exit 125
fi

args=(-nodefaults -display none -no-reboot -net none -cpu max -m "$memory"
	-kernel "$vmlinux" -initrd "$work/initramfs")
# A chatty console costs nothing measurable here, and shows where a boot stops.
cmdline="loglevel=7 panic=-1 oops=panic"
case $arch in
# The kernel counts timer ticks against a loop of its own and panics if too few came, which
# happens where the host is busy.
amd64) cmdline="console=ttyS0 earlyprintk=ttyS0 no_timer_check $cmdline" ;;
# pointer authentication of the emulated processor costs more than all else
arm64) args+=(-machine virt -cpu "max,pauth-impdef=on") cmdline="console=ttyAMA0 $cmdline" ;;
esac
if [ "$smp" = 1 ]; then
	args+=(-accel tcg -smp 1)
else
	# With a thread for each processor the emulation tears the kernel's
	# patching of its own code.
	args+=(-accel "tcg,thread=single" -smp "$smp")
fi
if [ -n "$icount" ]; then
	args+=(-seed 1 -rtc "base=2024-01-01T00:00:00,clock=vm" -icount "shift=0,sleep=off")
	cmdline="$cmdline nokaslr norandmaps"
fi
if [ $arch = amd64 ]; then
	args+=(-serial "file:$work/console" -chardev stdio,id=output,signal=off -serial chardev:output
		-serial "file:$work/results" -serial "file:$work/control")
else
	# one port is on the board, four are on a card: ttyS0 (unused) to ttyS3
	args+=(-serial "file:$work/console" -chardev null,id=unused -chardev stdio,id=output,signal=off
		-chardev "file,id=results,path=$work/results" -chardev "file,id=control,path=$work/control"
		-device pci-serial-4x,chardev1=unused,chardev2=output,chardev3=results,chardev4=control)
fi
if [ -n "$full" ]; then
	args+=(-drive "if=none,id=root,file=$image,format=raw,snapshot=on,cache=unsafe"
		-device nvme,drive=root,serial=root)
fi
if [ -n "$out" ] && [ -z "$icount" ]; then
	truncate -s 4G "$work/results"
	args+=(-drive "if=none,id=out,file=$work/results.disk,format=raw,cache=unsafe"
		-device nvme,drive=out,serial=out)
	mv "$work/results" "$work/results.disk"
fi
: >"$work/console"
: >"$work/control"

began=$(date +%s%N)
mkfifo "$work/stdout"
cat <"$work/stdout" &
reader=$!
input=/dev/null
[ -z "$interactive" ] || input=/dev/tty
timeout --foreground -k 5 "$limit" $qemu_program "${args[@]}" -append "$cmdline$append" \
	<$input >"$work/stdout" 2>"$work/stderr" &
qemu=$!
wait $qemu
ended=$?
qemu=
wait $reader
[ -z "$console" ] || cp "$work/console" "$console" || say "cannot write $console"
took=$((($(date +%s%N) - began) / 1000000))
[ -z "$tell" ] || say "kernel $kernel: $((took / 1000)).$(printf %03d $((took % 1000))) s from start to power off"

console_tail() {
	echo "---- console, last 40 lines ----" >&2
	tail -n 40 "$work/console" | tr -d '\r' >&2
	echo "--------------------------------" >&2
}

control() { tr -d '\r' <"$work/control" | sed -n "$1"; }
status=$(control 's/^status //p')
if [ -z "$status" ]; then
	grep -v 'terminating on signal' "$work/stderr" >&2
	if [ -z "$(control '/^ready/p')" ]; then
		say "kernel $kernel: the guest did not reach its first program within $limit s or stopped before (qemu status $ended)"
		console_tail
		exit 125
	fi
	if [ $ended = 124 ] || [ $ended = 137 ]; then
		say "kernel $kernel: the command was still running after $limit s"
		console_tail
		exit 124
	fi
	say "kernel $kernel: the guest died while the command ran (qemu status $ended)"
	console_tail
	exit 125
fi

if [ -n "$out" ]; then
	mkdir -p "$out" || die "cannot make $out"
	case $status in
	*noresults*) die "the guest could not hand over /out (command status ${status%% *})" ;;
	esac
	results=$work/results
	[ -n "$icount" ] || results=$results.disk
	tar -x -C "$out" --no-same-owner -f "$results" 2>"$work/stderr" ||
		die "cannot unpack the results: $(head -n 1 "$work/stderr")"
fi
# Not the command's business, but nobody should overlook it.
if grep -q -E 'BUG:|WARNING:|INFO: (task|rcu)|Call Trace' "$work/console"; then
	say "kernel $kernel: the kernel complained:"
	console_tail
fi
exit "${status%% *}"
