#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# runtimes.sh --nslens PATH --kernel SERIES [--out DIR]: starts of runc and crun in the full guest,
# with a user namespace, a seccomp filter and few capabilities: is all of it told?
set -u -o pipefail
here=$(cd "${0%/*}" && pwd)
nslens='' kernel='' out=''
while [ $# -gt 0 ]; do
	case $1 in
	--nslens | --kernel | --out) declare "${1#--}=$2" ;;
	*) echo "runtimes.sh: no option $1" >&2; exit 2 ;;
	esac
	shift 2
done
if [ -z "$out" ]; then
	out=$(mktemp -d) || exit 1
	trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out" || exit 1
cat > "$out/script" <<'END'
calls=mount,umount2,pivot_root,chroot,sethostname,setdomainname,setgroups,capset,fsopen,fsconfig
calls=$calls,fsmount,move_mount,open_tree,mount_setattr,seccomp,prctl,execve,execveat
mkdir /tmp/b
cp -a /var/lib/nslens/rootfs /tmp/b/rootfs
chown -R 100000:100000 /tmp/b
chmod 711 /tmp/b
jq '.root = {"path": "rootfs", "readonly": false}
	| .linux.namespaces += [{"type": "user"}]
	| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
	| .linux.gidMappings = .linux.uidMappings
	| .linux.resources = {} | .process.capabilities.inheritable = .process.capabilities.permitted
	| .process.args[2] = "true"
	| .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
		"syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}' \
	/var/lib/nslens/bundle/config.json > /tmp/b/config.json
cp /tmp/b/config.json /out/
status=0
# what the kernel left out (preempted, from 6.13 on) is told, but then nobody knows what was done
for r in runc crun; do
	for i in 1 2 3 4 5; do
		nslens trace --milestones --json -o /out/$r.trace -- \
			strace -f -o /out/$r.strace -e trace=$calls $r run --bundle /tmp/b $r-test || status=1
		tail -n 1 /out/$r.trace | grep -q '"missed":0' && break
	done
	nslens record -o /out/$r.nslens -- $r run --bundle /tmp/b $r-again || status=1
	nslens trace --milestones -i /out/$r.nslens > /out/$r.story || status=1
done
exit $status
END
"$here/../guest/run.sh" --kernel "$kernel" --full --timeout 500 --file "$nslens:nslens" \
	--file "$out/script" --out "$out" -- 'sh script' > "$out/log" 2>&1
status=$?
case $status in
0) ;;
77) echo "skip $kernel: no suite offers this kernel any more"; exit 77 ;;
*) echo "FAIL $kernel: the guest ended with status $status"; tail -20 "$out/log"; exit 1 ;;
esac
for r in runc crun; do
	python3 "$here/runtime.py" "$out/config.json" "$out/$r.trace" "$out/$r.strace" "$kernel $r"
done | tee "$out/check" | grep -v '^[0-9]* passed'
awk '/^[0-9]+ passed/ { p += $1; f += $3 } END { print p + 0 " passed, " f + 0 " failed"; exit f > 0 || !p }' \
	"$out/check"
