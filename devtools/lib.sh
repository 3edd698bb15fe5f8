# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# What the scripts in devtools/ and test/ share. To be sourced. A script calls pp_begin first; from
# then on whatever it gets through these functions (processes, network namespaces, hugepages,
# mounts, files) is given back when it ends, however it ends.
#
#   PP_ROOT        root of the source tree
#   PP_RUN         private directory of this run, removed at its end
#   PP_EAL         arguments for an EAL program, filled by pp_memory and pp_eal
#   PP_MEMORY      "huge" or "nohuge", known after pp_memory
#   PP_NO_HUGE     set by the caller, or in the environment: no hugepages even where there are some
#   PP_LAST_PID    the process that pp_spawn started
#   PP_PLUGIN      the driver, as EAL's -d takes it, known after pp_plugin

PP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PP_RUN=
PP_MEMORY=
PP_EAL=()
PP_LAST_PID=
PP_PLUGIN=

pp_stdout=1
pp_stderr=2

# what pp_end has to give back
pp_pids=()
declare -A pp_netns=()
pp_huge_dir=
pp_huge_kb=0
pp_huge_mounted=
pp_huge_pages=
pp_huge_reason=
pp_huge_sysfs=
pp_huge_added=0
pp_huge_before=0
pp_memory_mb=0
pp_prefixes=()
pp_stage=

pp_say()
{
	printf '%s\n' "$*"
}

pp_warn()
{
	printf '%s\n' "$*" >&2
}

pp_die()
{
	pp_warn "${0##*/}: $*"
	exit 1
}

pp_have()
{
	command -v "$1" >/dev/null 2>&1
}

pp_need_root()
{
	[ "$(id -u)" -eq 0 ] || pp_die "must run as root, for example: sudo $0"
}

# pp_begin: private directory and clean-up. EAL puts its runtime directory into ours, so that no
# two runs meet and nothing of them stays.
pp_begin()
{
	local parent=/run

	[ -d "$parent" ] && [ -w "$parent" ] || parent=${TMPDIR:-/tmp}
	PP_RUN=$(mktemp -d "$parent/pp-$$-XXXXXX")
	export RUNTIME_DIRECTORY=$PP_RUN
	# a signal may come while a function's output goes elsewhere
	exec {pp_stdout}>&1 {pp_stderr}>&2
	trap pp_end EXIT
	# without these a signal would end bash before the clean-up
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# A script that has a last word defines pp_at_end; it gets the exit status.
pp_end()
{
	local status=$?

	trap - EXIT
	# a second Ctrl-C must not leave the clean-up half done
	trap '' HUP INT TERM
	set +e
	exec >&"$pp_stdout"
	exec 2>&"$pp_stderr"
	pp_stop_all
	pp_memory_release
	if [ -n "$pp_stage" ]; then
		rm -rf "$pp_stage"
	fi
	if [ -n "$PP_RUN" ]; then
		rm -rf "$PP_RUN"
	fi
	if declare -F pp_at_end >/dev/null; then
		pp_at_end "$status"
	fi
	exit "$status"
}

# ---- time

# pp_wait SECONDS COMMAND...: until the command succeeds; fails when it has not by then.
pp_wait()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# pp_bounded SECONDS COMMAND...: its status, 124 when it was ended for taking longer.
pp_bounded()
{
	local limit=$1
	shift

	# in the background, since bash handles signals in `wait` only; timeout then ends the whole
	# process group, in less time than pp_stop gives it
	timeout -k 5 "$limit" "$@" &
	PP_LAST_PID=$!
	pp_pids+=("$PP_LAST_PID")
	pp_reap "$PP_LAST_PID"
}

# ---- processes

# pp_spawn LOG COMMAND...: in the background, its pid in PP_LAST_PID, its input from PP_INPUT if
# that is set. It ends when we die, even from SIGKILL.
pp_spawn()
{
	local log=$1
	shift

	setpriv --pdeathsig TERM "$@" >"$log" 2>&1 <"${PP_INPUT:-/dev/null}" &
	PP_LAST_PID=$!
	pp_pids+=("$PP_LAST_PID")
}

# Ours and alive: a pid that the kernel has given to somebody else has another parent.
pp_is_child()
{
	local key value

	while read -r key value; do
		case $key in
		State:)
			[ "${value:0:1}" != Z ] || return 1
			;;
		PPid:)
			# a plain "return" in a trap returns the status from before the trap
			[ "$value" = "$$" ] && return 0
			return 1
			;;
		esac
	done 2>/dev/null <"/proc/$1/status"
	return 1
}

pp_is_gone()
{
	! pp_is_child "$1"
}

# pp_reap PID: its exit status
pp_reap()
{
	local status=0 pid kept=()

	wait "$1" || status=$?
	for pid in "${pp_pids[@]}"; do
		[ "$pid" = "$1" ] || kept+=("$pid")
	done
	pp_pids=("${kept[@]}")
	return "$status"
}

# pp_stop PID [SECONDS]: asks, waits, insists; its exit status.
pp_stop()
{
	if pp_is_child "$1"; then
		kill -TERM "$1" 2>/dev/null || true
		if ! pp_wait "${2:-10}" pp_is_gone "$1"; then
			kill -KILL "$1" 2>/dev/null || true
		fi
	fi
	pp_reap "$1" 2>/dev/null
}

# In reverse, so that programs go before the namespaces that they use.
pp_stop_all()
{
	local i

	for ((i = ${#pp_pids[@]} - 1; i >= 0; i--)); do
		pp_stop "${pp_pids[i]}" || true
	done
}

# ---- network namespaces

# They are named by a process that holds them, not by a file below /run/netns: the kernel removes
# them with their last process, and no mount is left however we end.

pp_netns_ready()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink "/proc/$$/ns/net")" ]
}

# pp_netns_add NAME
pp_netns_add()
{
	local log=$PP_RUN/$1.log

	pp_spawn "$log" unshare --net sleep infinity
	pp_netns[$1]=$PP_LAST_PID
	if ! pp_wait 5 pp_netns_ready "$PP_LAST_PID"; then
		cat "$log" >&2
		pp_die "cannot make network namespace $1 (is CAP_SYS_ADMIN missing?)"
	fi
	pp_netns_exec "$1" ip link set lo up
}

# pp_netns_exec NAME COMMAND...
pp_netns_exec()
{
	local pid=${pp_netns[$1]}
	shift

	nsenter --net="/proc/$pid/ns/net" "$@"
}

# pp_netns_spawn NAME LOG COMMAND...
pp_netns_spawn()
{
	local pid=${pp_netns[$1]} log=$2
	shift 2

	pp_spawn "$log" nsenter --net="/proc/$pid/ns/net" "$@"
}

# pp_netns_take NAME LINK ADDRESS/LENGTH: moves a link into a namespace and brings it up.
pp_netns_take()
{
	ip link set "$2" netns "${pp_netns[$1]}"
	pp_netns_exec "$1" ip addr add "$3" dev "$2"
	pp_netns_exec "$1" ip link set "$2" up
}

# ---- memory

# Where hugepages of KB are mounted: pages of the default size have no pagesize= in old kernels.
pp_huge_mount_point()
{
	local kb=$1 dir type options size

	while read -r _ dir type options _; do
		if [ "$type" != hugetlbfs ] || [ ! -w "$dir" ]; then
			continue
		fi
		# another run's own, which goes when that ends
		[[ $dir != */pp-*-??????/huge ]] || continue
		size=$(sed -n 's/.*pagesize=\([0-9]*[KMG]\).*/\1/p' <<<"$options")
		case $size in
		"" | "${kb}K" | "$((kb / 1024))M" | "$((kb / 1024 / 1024))G")
			printf '%s\n' "$dir"
			return 0
			;;
		esac
	done </proc/mounts
	return 1
}

# pp_meminfo NAME: in kB
pp_meminfo()
{
	awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo
}

pp_huge_get()
{
	cat "$pp_huge_sysfs/$1_hugepages"
}

# Many such scripts may run at a time: a lock around each read and change. It is taken on the
# kernel's own directory, which leaves no file behind.
pp_huge_locked()
{
	local fd status=0

	exec {fd}<"$pp_huge_sysfs"
	flock -w 10 "$fd" || true
	"$@" || status=$?
	exec {fd}<&-
	return "$status"
}

# Pages that are free and promised to nobody
pp_huge_available()
{
	printf '%s\n' $(($(pp_huge_get free) - $(pp_huge_get resv)))
}

pp_huge_add()
{
	local want=$1 missing

	pp_huge_before=$(pp_huge_get nr)
	missing=$((want - $(pp_huge_available)))
	[ "$missing" -gt 0 ] || return 0
	# the kernel would drive everything else out of the memory to serve us
	[ $((missing * pp_huge_kb * 2)) -le "$(pp_meminfo MemAvailable)" ] || return 1
	# fails in containers, where /sys is read-only, and gives fewer when memory is fragmented
	{ echo $((pp_huge_before + missing)) >"$pp_huge_sysfs/nr_hugepages"; } 2>/dev/null || true
	pp_huge_added=$(($(pp_huge_get nr) - pp_huge_before))
	[ "$(pp_huge_available)" -ge "$want" ]
}

# Takes back what we added, but neither pages somebody uses now nor any that were there before us.
pp_huge_remove()
{
	local now available target

	now=$(pp_huge_get nr)
	available=$(pp_huge_available)
	if [ "$pp_huge_added" -gt "$available" ]; then
		pp_huge_added=$available
	fi
	target=$((now - pp_huge_added))
	if [ "$target" -lt "$pp_huge_before" ]; then
		target=$pp_huge_before
	fi
	if [ "$target" -lt "$now" ]; then
		{ echo "$target" >"$pp_huge_sysfs/nr_hugepages"; } 2>/dev/null || true
	fi
	pp_huge_added=0
}

# A page may be counted free and still be denied, by a control group for example: touch one.
pp_huge_touch()
{
	python3 - "$1/pp-$$-probe" 2>/dev/null <<'EOF'
import mmap, os, sys
kb = int(next(l for l in open("/proc/meminfo") if l.startswith("Hugepagesize")).split()[1])
fd = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
os.unlink(sys.argv[1])
os.ftruncate(fd, kb * 1024)
mmap.mmap(fd, kb * 1024)[0:1] = b"x"
EOF
}

# pp_huge_reserve MB: fails with the reason in pp_huge_reason.
pp_huge_reserve()
{
	local kb pages

	pp_huge_reason="as asked"
	[ -z "${PP_NO_HUGE:-}" ] || return 1
	kb=$(pp_meminfo Hugepagesize)
	pp_huge_kb=$kb
	pp_huge_sysfs=/sys/kernel/mm/hugepages/hugepages-${kb}kB
	pp_huge_reason="the kernel has none"
	[ -r "$pp_huge_sysfs/free_hugepages" ] || return 1
	pages=$((($1 * 1024 + kb - 1) / kb))
	pp_huge_reason="$pages of $kb kB wanted, not to be had"
	pp_huge_locked pp_huge_add "$pages" || return 1
	pp_huge_reason="hugetlbfs cannot be mounted"
	if ! pp_huge_dir=$(pp_huge_mount_point "$kb"); then
		pp_huge_dir=$PP_RUN/huge
		mkdir "$pp_huge_dir"
		mount -t hugetlbfs -o "pagesize=${kb}K" nodev "$pp_huge_dir" 2>/dev/null || return 1
		pp_huge_mounted=$pp_huge_dir
	fi
	pp_huge_reason="they may not be used here"
	pp_huge_touch "$pp_huge_dir" || return 1
	pp_huge_pages="$kb kB x $pages"
}

# pp_memory MB: chooses the memory of the EAL programs to come and says which it is. MB is what all
# that run at a time need together.
pp_memory()
{
	PP_MEMORY=nohuge
	if pp_huge_reserve "$1"; then
		PP_MEMORY=huge
	else
		pp_memory_release
	fi
	if [ "$PP_MEMORY" = huge ]; then
		pp_say "memory: hugepages $pp_huge_pages"
	else
		pp_say "hugepages: $pp_huge_reason"
		pp_say "memory: no hugepages (--no-huge)"
	fi
	pp_memory_mb=$1
}

pp_memory_release()
{
	local prefix

	if [ -n "$pp_huge_dir" ]; then
		# EAL leaves the files of its pages behind, and those keep the pages
		for prefix in "${pp_prefixes[@]}"; do
			rm -f "$pp_huge_dir/${prefix}map_"*
		done
	fi
	if [ "$pp_huge_added" -gt 0 ]; then
		pp_huge_locked pp_huge_remove
	fi
	if [ -n "$pp_huge_mounted" ]; then
		umount "$pp_huge_mounted" || umount -l "$pp_huge_mounted"
	fi
	pp_huge_dir=
	pp_huge_mounted=
}

# ---- EAL

# The CPUs this process may use, one a line
pp_cpus()
{
	local list range cpu

	list=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$$/status")
	for range in ${list//,/ }; do
		for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
			printf '%s\n' "$cpu"
		done
	done
}

# pp_eal NAME: fills PP_EAL for a program with two lcores; they share the CPU where there is one.
# The file prefix is unique and known to the clean-up.
pp_eal()
{
	local cpus prefix=pp-$$-$1

	mapfile -t cpus < <(pp_cpus)
	pp_prefixes+=("$prefix")
	PP_EAL=(--lcores "0@${cpus[0]},1@${cpus[1]:-${cpus[0]}}" --no-pci --file-prefix "$prefix")
	if [ "$PP_MEMORY" = huge ]; then
		PP_EAL+=(--huge-dir "$pp_huge_dir")
	else
		PP_EAL+=(--no-huge -m "$pp_memory_mb")
	fi
}

# pp_telemetry NAME [options of telemetry.py] COMMAND...: asks the program of pp_eal NAME.
pp_telemetry()
{
	local name=$1
	shift

	python3 "$PP_ROOT/devtools/telemetry.py" \
		"$PP_RUN/dpdk/pp-$$-$name/dpdk_telemetry.v2" "$@"
}

# The first directory on the way up that anybody may write to, or nothing
pp_world_writable()
{
	local dir=$1

	while [ "$dir" != / ]; do
		dir=$(dirname "$dir")
		if [ -n "$(find "$dir" -maxdepth 0 -perm -o+w)" ]; then
			printf '%s\n' "$dir"
			return 0
		fi
	done
}

# pp_plugin BUILD: sets PP_PLUGIN, the plugin as EAL accepts it. EAL refuses one below a directory
# that anybody may write to, as a checkout in /tmp is: then a copy in a place of our own serves.
pp_plugin()
{
	local build plugin=drivers/mempool/page_pool/librte_mempool_page_pool.so parent

	build=$(cd "$1" && pwd -P)
	PP_PLUGIN=$build/$plugin
	[ -e "$PP_PLUGIN" ] || pp_die "$PP_PLUGIN is missing: run devtools/build.sh"
	[ -n "$(pp_world_writable "$PP_PLUGIN")" ] || return 0
	for parent in /var/lib /opt "$HOME"; do
		if [ ! -w "$parent" ] || [ -n "$(pp_world_writable "$parent/x")" ]; then
			continue
		fi
		pp_stage=$(mktemp -d "$parent/pp-$$-XXXXXX")
		# the plugin finds the library by the way from one directory to the other
		mkdir -p "$pp_stage/lib/page_pool" "$pp_stage/${plugin%/*}"
		cp -a "$build"/lib/page_pool/libpage_pool.so* "$pp_stage/lib/page_pool/"
		cp -a "$build/${plugin%.so}".so* "$pp_stage/${plugin%/*}/"
		PP_PLUGIN=$pp_stage/$plugin
		return 0
	done
	pp_die "EAL refuses plugins below $(pp_world_writable "$PP_PLUGIN")"
}
