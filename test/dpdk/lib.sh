# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# What the runners of dpdk-test and dpdk-testpmd share. To be sourced.
#
# Environment of all runners:
#   BUILD      build directory; default build/ in the source tree
#   OPS        mempool ops to test; default page_pool. Any other name needs no plugin: OPS=stack
#   PLUGIN     driver plugin to load; default BUILD's when OPS is page_pool, else none
#   KEEP       a directory for the logs of runs that fail; default none, the log's end is printed

DT_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=devtools/lib.sh
. "$DT_DIR/../../devtools/lib.sh"

OPS=${OPS:-page_pool}
BUILD=${BUILD:-$PP_ROOT/build}
KEEP=${KEEP:-}

dt_shims=
dt_cpus=()
dt_no_huge=
dt_runs=0

# dt_begin HUGE_MB PROGRAM: what every runner needs. Where HUGE_MB of hugepages cannot be had, the
# reason is in dt_no_huge and runs that need them are left out.
dt_begin()
{
	if [ "$(id -u)" -ne 0 ]; then
		pp_say "skipped: EAL's programs need root here"
		exit 77
	fi
	pp_have "$2" || pp_die "$2 is missing: run devtools/setup.sh"
	pp_begin
	if [ -n "${PLUGIN:-}" ]; then
		PP_PLUGIN=$PLUGIN
	elif [ "$OPS" = page_pool ]; then
		pp_plugin "$BUILD"
	fi
	dt_shims=$(cd "$BUILD" && pwd -P)/test/preload
	[ -e "$dt_shims/pp_allops.so" ] || pp_die "$dt_shims/pp_allops.so is missing: run ninja"
	mapfile -t dt_cpus < <(pp_cpus)
	# Secondary processes of a suite are started without --no-pci. They must neither touch nor
	# stumble over this machine's devices: let them find none.
	mkdir "$PP_RUN/no-pci"
	export SYSFS_PCI_DEVICES=$PP_RUN/no-pci
	[ -z "$KEEP" ] || mkdir -p "$KEEP"
	if [ "$1" -gt 0 ] && ! pp_huge_reserve "$1"; then
		dt_no_huge=$pp_huge_reason
		pp_memory_release
	fi
}

# dt_lcores N: N lcores on the CPUs there are, for EAL's --lcores. More lcores than CPUs are
# slow, but preempt each other, which is a test of its own.
dt_lcores()
{
	local i list=

	for ((i = 0; i < $1; i++)); do
		list+=,$i@${dt_cpus[i % ${#dt_cpus[@]}]}
	done
	printf '%s\n' "${list#,}"
}

# A file prefix that nobody else has, in dt_prefix; the clean-up knows it. Short, since the paths
# of EAL's sockets are made of it.
dt_new_prefix()
{
	dt_runs=$((dt_runs + 1))
	dt_prefix=pp-$$-$dt_runs
	pp_prefixes+=("$dt_prefix")
}

# Hugepages that a killed program left mapped in files would be missing in the next run.
dt_drop_prefix()
{
	[ -z "$pp_huge_dir" ] || rm -f "$pp_huge_dir/${dt_prefix}map_"*
	rm -rf "$PP_RUN/dpdk/${dt_prefix:?}"
}

# Seconds with one digit between two $EPOCHREALTIME, whose separator depends on the locale
dt_seconds()
{
	local tenths=$(((${2/[.,]/} - ${1/[.,]/}) / 100000))

	printf '%d.%d\n' $((tenths / 10)) $((tenths % 10))
}

# dt_log LOG NAME: shows or keeps the log of a run that failed.
dt_log()
{
	if [ -n "$KEEP" ]; then
		cp "$1" "$KEEP/$2.log"
		pp_say "    log: $KEEP/$2.log"
	else
		tail -n "${3:-12}" "$1" | sed 's/^/    | /'
		pp_say # it may end within a line
	fi
}

# ---- dpdk-testpp

# dt_prompted LOG N: so many prompts have come, or the program refused to begin.
dt_prompted()
{
	[ "$(grep -Eao '^testpmd> |Cause:' "$1" | wc -l)" -ge "$2" ]
}

# dt_prompt_wait LOG N: for that, and not for ever
dt_prompt_wait()
{
	local end=$((SECONDS + 20))

	until dt_prompted "$@"; do
		[ "$SECONDS" -lt "$end" ] || break
		sleep 0.01
	done
}

# dt_converse LOG LINE...: the lines, and quit, for the program whose output is in LOG: each when
# the one before is carried out. "until REGEX: LINE" is that line again and again until what it
# answers matches, ten seconds at most.
dt_converse()
{
	local log=$1 n=0 line from end

	shift
	for line in "$@" quit; do
		dt_prompt_wait "$log" $((++n))
		if [ "${line#until }" = "$line" ]; then
			printf '%s\n' "$line"
			continue
		fi
		line=${line#until }
		end=$((SECONDS + 10))
		while :; do
			from=$(stat -c %s "$log")
			printf '%s\n' "${line##*: }"
			dt_prompt_wait "$log" $((n + 1))
			tail -c +$((from + 1)) "$log" | grep -Eaq -- "${line%: *}" && break
			[ "$SECONDS" -lt "$end" ] || break
			sleep 0.02
			n=$((n + 1))
		done
	done
}

# ---- dpdk-test

# The columns of the suite that dt_suite found; some are for our callers only
# shellcheck disable=SC2034
dt_name=
dt_runs_in=
dt_nr_lcores=
dt_want_pools=
dt_want_cases=
dt_want_secs=
dt_traits=
dt_args=
dt_note=

# dt_suite NAME: its row of suites.tsv. One that is not there runs with the defaults.
# shellcheck disable=SC2034
dt_suite()
{
	while IFS=$'\t' read -r dt_name dt_runs_in dt_nr_lcores dt_want_pools dt_want_cases \
			dt_want_secs dt_traits dt_args dt_note; do
		[ "$dt_name" != "$1" ] || return 0
	done < <(grep -v '^#' "$DT_DIR/suites.tsv")
	dt_name=$1 dt_runs_in=huge,huge0,nohuge,nohuge0 dt_nr_lcores=2
	dt_want_pools=1 dt_want_cases=0 dt_want_secs=10 dt_traits=- dt_args=- dt_note=
}

dt_has_trait()
{
	[[ ,$dt_traits, == *,$1,* ]]
}

# What the last dt_autotest found
dt_result=	# ok or failed
dt_why=		# why not ok
dt_unmapped=	# yes: the preloads did not do their work, nobody may be compared with that
dt_secs=
dt_pools=	# pools made
dt_cases=	# cases passed, as the suites say that count them

# dt_judge LOG COUNT STATUS CONFIG OPS LIMIT: sets dt_why, to nothing when all is well.
dt_judge()
{
	local log=$1 count=$2 status=$3 config=$4 ops=$5 limit=$6 off cached

	dt_pools=$(wc -l <"$count")
	off=$(awk -v ops="$ops" '$1 != ops' "$count" | wc -l)
	cached=$(awk '$2 != 0' "$count" | wc -l)
	# the last summary is the outermost one's
	dt_cases=$(sed -n 's/^ *+ *Tests Passed *: *\([0-9]*\).*/\1/p' "$log" | tail -n 1)
	dt_cases=${dt_cases:-0}

	dt_why=
	dt_unmapped=
	if [ "$off" -ne 0 ]; then
		dt_unmapped=yes
		dt_why="$off of $dt_pools pools are not on $ops: $(awk -v ops="$ops" '$1 != ops \
			{ printf "%s (%s) ", $4, $1 }' "$count" | cut -c 1-100)"
	elif [[ $config == *0 ]] && [ "$cached" -ne 0 ]; then
		dt_unmapped=yes
		dt_why="$cached of $dt_pools pools have a cache"
	elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		dt_why="no end within $limit s"
	elif grep -aq '^PANIC' "$log"; then
		dt_why=$(grep -a -A 1 '^PANIC' "$log" | tr '\n' ' ')
	elif [ "$status" -gt 128 ] && [ "$status" -lt 192 ]; then
		dt_why="ended by signal $((status - 128))"
	elif grep -aq '^Test Skipped' "$log"; then
		dt_why="it skips itself: $(grep -aiE 'require|not enough|no .*device|skip|unsupported' \
			"$log" | head -n 1 || true)"
	elif grep -aq '^Test Failed' "$log"; then
		dt_why=$(grep -aE 'Test assert .*failed' "$log" | head -n 1 || true)
		dt_why=${dt_why:-$(grep -a -B 3 '^Test Failed' "$log" | tr '\n' ' ')}
	elif ! grep -aq '^Test OK' "$log" || [ "$status" -ne 0 ]; then
		dt_why="no \"Test OK\", exit status $status"
	elif [ "$dt_pools" -lt "$dt_want_pools" ]; then
		dt_why="$dt_pools pools made, not $dt_want_pools"
	elif [ "$dt_cases" -lt "$dt_want_cases" ]; then
		dt_why="$dt_cases cases passed, not $dt_want_cases"
	fi
}

# dt_autotest CONFIG OPS LOG: runs the suite of dt_suite once. CONFIG is huge or nohuge, with a 0
# at its end when all caches are to be 0.
dt_autotest()
{
	local config=$1 ops=$2 log=$3 count=$PP_RUN/count status=0 start plugin=$PP_PLUGIN
	local preload=$dt_shims/pp_allops.so limit
	local eal=(--lcores "$(dt_lcores "$dt_nr_lcores")" --no-pci) args=()

	dt_new_prefix
	eal+=(--file-prefix "$dt_prefix")
	case $config in
	huge*) eal+=(--huge-dir "$pp_huge_dir") ;;
	*) eal+=(--no-huge -m "$(dt_has_trait big && echo 4096 || echo 2048)") ;;
	esac
	[[ $config != *0 ]] || preload+=:$dt_shims/pp_nocache.so
	! dt_has_trait pinned || preload+=:$dt_shims/pp_pinned.so
	[ "$ops" = page_pool ] || plugin=
	if [ -n "$plugin" ]; then
		# A suite starts its secondaries with a command line of its own. They inherit what
		# is preloaded, so there the driver is too, with the same index in all processes.
		if dt_has_trait secondaries; then
			preload+=:$plugin
		else
			eal+=(-d "$plugin")
		fi
	fi
	[ "$dt_args" = - ] || read -r -a args <<<"$dt_args"
	limit=$((20 + 5 * ${dt_want_secs%.*}))

	: >"$count"
	start=$EPOCHREALTIME
	# a suite with a variant behind a slash is still that suite
	pp_bounded "$limit" env LD_PRELOAD="$preload" PP_OPS="$ops" PP_COUNT_FILE="$count" \
		DPDK_TEST="${dt_name%%/*}" dpdk-test "${eal[@]}" "${args[@]}" \
		>"$log" 2>&1 </dev/null || status=$?
	dt_secs=$(dt_seconds "$start" "$EPOCHREALTIME")
	dt_drop_prefix
	! grep -q '^Error: invalid test command' "$log" || pp_die "dpdk-test has no ${dt_name%%/*}"

	dt_judge "$log" "$count" "$status" "$config" "$ops" "$limit"
	if [ -z "$dt_why" ] && dt_has_trait pinned && ! grep -q '^pp_pinned: ' "$log"; then
		dt_why="no pool was pinned to fragments"
	fi
	dt_result=ok
	[ -z "$dt_why" ] || dt_result=failed
}

# dt_compare CONFIG LOG: runs the suite of dt_suite on OPS and, should it fail, on ring_mp_mc, so
# that only what the ring can do here is our driver's fault. dt_result may be skipped then.
dt_compare()
{
	local config=$1 log=$2 why secs

	if [[ $config == huge* ]] && [ -n "$dt_no_huge" ]; then
		dt_result=skipped dt_why="no hugepages: $dt_no_huge" dt_secs=0.0 dt_pools=0
		return 0
	fi
	for _ in 1 2; do
		dt_autotest "$config" "$OPS" "$log"
		[ "$dt_result" = failed ] || return 0
		# some suites measure time, which other work on the same CPUs takes from them
		dt_has_trait timing || break
	done
	if [ "$OPS" = ring_mp_mc ] || [ -n "$dt_unmapped" ] || dt_has_trait better; then
		return 0
	fi
	why=$dt_why secs=$dt_secs
	dt_autotest "$config" ring_mp_mc "$log.ring"
	if [ "$dt_result" = failed ]; then
		dt_result=skipped dt_why="ring_mp_mc fails here too: $dt_why"
	else
		dt_result=failed dt_why=$why dt_secs=$secs
	fi
}
