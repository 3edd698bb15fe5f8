#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 page_pool for DPDK contributors
#
# Formatting and static checks of the tree. Prints "ok NAME", "FAILED NAME" or "skipped NAME (why)"
# for each and ends with a status other than 0 when one failed.
# usage: check.sh [--fix] [NAME...]    all checks, or those named
#   --fix    formats the C sources first, with clang-format

set -euo pipefail
# shellcheck source=devtools/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

checks=(spdx whitespace line-length shell c-format tokens headers-c11 headers-c++ cppcheck spelling
	api-docs)
failed=0

# Where the calls that packets make live: nothing here may log, sleep, lock, allocate or enter the
# kernel. A line that must is let off by a comment on it or above it:
#     /* data path: may TOKEN, REASON */
data_path=(lib/page_pool/frag_pool.c)
forbidden='\b(\w*printf|(rte_)?(m|c|zm)alloc\w*|(rte_)?realloc\w*|(rte_)?free|RTE_LOG\w*|rte_log
	|PP_LOG\w*|syscall|mmap|munmap|membarrier|abort|rte_panic|rte_exit|pthread_\w+
	|rte_spinlock_\w+|rte_rwlock_\w+|usleep|nanosleep|sched_yield|rte_delay_\w+
	|__sync_\w+|rte_atomic(16|32|64)_\w+)\s*\('

# ---- what is checked

# Files of the tree, NUL after each; without git (a release's archive) all but build directories
tree_files()
{
	if git -C "$PP_ROOT" -c safe.directory="$PP_ROOT" rev-parse >/dev/null 2>&1; then
		git -C "$PP_ROOT" -c safe.directory="$PP_ROOT" \
			ls-files -z --cached --others --exclude-standard
	else
		find . -path './build*' -prune -o -name __pycache__ -prune -o -type f -printf '%P\0'
	fi
}

# files PATTERN: those whose names match the extended regular expression
files()
{
	local file

	while IFS= read -r -d '' file; do
		# git lists what was removed and not committed yet
		[ -f "$file" ] || continue
		[[ $file =~ $1 ]] || continue
		printf '%s\n' "$file"
	done < <(tree_files)
}

c_files()
{
	files '\.[ch]$'
}

shell_files()
{
	local file

	while IFS= read -r file; do
		case $file in
		*.sh) printf '%s\n' "$file" ;;
		*)
			if head -n 1 "$file" | grep -aqE '^#!.*\b(ba)?sh\b'; then
				printf '%s\n' "$file"
			fi
			;;
		esac
	done < <(files '(\.sh|/[^./]+)$')
}

source_files()
{
	{
		files '\.([ch]|cpp|cc|hpp|py|map|pml|yml|yaml|ini|toml)$'
		files '(^|/)(meson\.build|meson_options\.txt|\.clang-format|\.editorconfig)$'
		shell_files
	} | sort -u
}

# none MESSAGE: succeeds when standard input is empty, else shows it
none()
{
	local lines

	lines=$(cat)
	[ -z "$lines" ] && return 0
	printf '%s:\n%s\n' "$1" "$(head -n 20 <<<"$lines" | sed 's/^/    /')"
	return 1
}

# ---- the checks; 77 means that the tool is missing, as for meson's tests

check_spdx()
{
	local file

	while IFS= read -r file; do
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' ||
			printf '%s\n' "$file"
	done < <(source_files) | none "no SPDX line among the first three"
}

check_whitespace()
{
	local file

	{
		files '.' | while IFS= read -r file; do
			# -I: not in binary files, which for it include empty ones
			grep -InE '[[:blank:]]+$|'$'\r' "$file" /dev/null || true
			if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ] &&
				grep -qI . "$file"; then
				printf '%s: no newline at the end\n' "$file"
			fi
		done
	} | none "blanks at the end of lines, carriage returns or unfinished last lines"
}

check_line_length()
{
	local file

	c_files | while IFS= read -r file; do
		expand -t 8 "$file" | awk -v file="$file" \
			'length($0) > 100 { printf "%s:%d: %d columns\n", file, NR, length($0) }'
	done | none "more than 100 columns"
}

check_shell()
{
	local list

	pp_have shellcheck || return 77
	mapfile -t list < <(shell_files)
	# SC2317 takes functions that are called by name for unreachable
	shellcheck -x -e SC2317 "${list[@]}"
}

check_c_format()
{
	local list

	pp_have clang-format || return 77
	mapfile -t list < <(c_files)
	[ "${#list[@]}" -gt 0 ] || return 0
	clang-format --dry-run --Werror --ferror-limit=3 "${list[@]}" 2>&1 |
		{ grep -E 'error:' || true; } | none "not formatted, see check.sh --fix"
}

check_tokens()
{
	python3 - "$forbidden" "${data_path[@]}" <<'EOF' | none "not on the data path"
import re, sys

pattern = re.compile(re.sub(r"\s*\n\s*", "", sys.argv[1]))
blank = lambda m: re.sub(r"[^\n]", " ", m.group())

for path in sys.argv[2:]:
    try:
        with open(path) as f:
            text = f.read()
    except FileNotFoundError:
        print(f"{path}: missing; is it called otherwise now?")
        continue
    lines = text.split("\n")
    # comments and strings may say what they like; the lines keep their numbers
    code = re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\\n])*"', blank, text, flags=re.S)
    for i, line in enumerate(code.split("\n")):
        for m in pattern.finditer(line):
            token = m.group(1)
            off = re.compile(r"/\* data path: may " + re.escape(token) + r", \S")
            if not any(off.search(l) for l in lines[max(i - 1, 0):i + 1]):
                print(f"{path}:{i + 1}: {token}")
EOF
}

public_headers()
{
	python3 - lib/page_pool/meson.build <<'EOF'
import re, sys

with open(sys.argv[1]) as f:
    m = re.search(r"^headers\s*=\s*files\((.*?)\)", f.read(), re.S | re.M)
print("\n".join(re.findall(r"'([^']+)'", m.group(1))) if m else "", end="\n" if m else "")
EOF
}

# headers_compile LANGUAGE COMPILER OPTIONS...: each public header alone; DPDK's own are exempt
headers_compile()
{
	local language=$1 header flags list status=0
	shift

	pp_have "$1" || return 77
	mapfile -t list < <(public_headers)
	if [ "${#list[@]}" -eq 0 ]; then
		printf '%s\n' "no headers = files(...) in lib/page_pool/meson.build"
		return 1
	fi
	read -ra flags < <(pkg-config --cflags libdpdk | sed 's/-I/-isystem /g')
	for header in "${list[@]}"; do
		printf '#include "%s"\n' "$header" |
			"$@" -Wall -Wextra -Wundef -Werror -fsyntax-only -Ilib/page_pool \
				"${flags[@]}" -x "$language" - || status=1
	done
	return "$status"
}

check_headers_c11()
{
	# DPDK uses ssize_t and the like without asking for them
	headers_compile c gcc -std=c11 -D_GNU_SOURCE -Wstrict-prototypes
}

check_headers_cxx()
{
	headers_compile c++ g++ -std=c++11
}

check_cppcheck()
{
	local list

	pp_have cppcheck || return 77
	mapfile -t list < <(files '^(lib|drivers|app|examples)/.*\.c$')
	[ "${#list[@]}" -gt 0 ] || return 0
	# without DPDK's headers, whose macros it cannot follow; what they would hide is named
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --platform=unix64 \
		--enable=warning,performance,portability --suppress=missingInclude \
		--suppress=unknownMacro -Ilib/page_pool \
		'-DRTE_INIT(f)=static void f(void)' '-DRTE_FINI(f)=static void f(void)' '-Drte_exit(...)=exit(1)' \
		-D__rte_noinline= -D__rte_always_inline=inline -D__rte_unused= \
		-D__rte_cache_aligned= "${list[@]}"
}

check_spelling()
{
	local list

	pp_have codespell || return 77
	mapfile -t list < <(files '\.([ch]|sh|py|md|rst|txt|build)$')
	# the exception is a wrong option in a test
	codespell -q 3 -L cahce,inflight,nd,tha "${list[@]}"
}

# Each function, parameter and error of the public headers is in the API reference.
check_api_docs()
{
	local out status=0 header

	pp_have doxygen || return 77
	while IFS= read -r header; do
		grep -q "lib/page_pool/$header" doc/api/Doxyfile && continue
		printf '%s is not in doc/api/Doxyfile\n' "$header"
		status=1
	done < <(sed -n "/^headers = files(/,/^)/s/^ *'\(.*\)',\$/\1/p" lib/page_pool/meson.build)
	out=$(mktemp -d)
	{ cat doc/api/Doxyfile; echo "WARN_AS_ERROR = FAIL_ON_WARNINGS"; } |
		PP_DOC_OUT=$out doxygen - || status=1
	rm -rf "$out"
	return "$status"
}

# ---- running them

run()
{
	local name=$1 function output status=0

	function=check_${1//-/_}
	function=${function/c++/cxx}
	declare -F "$function" >/dev/null ||
		pp_die "there is no check $name; there are ${checks[*]}"
	output=$("$function" 2>&1) || status=$?
	case $status in
	0) pp_say "ok $name" ;;
	77) pp_say "skipped $name (its tool is not installed)" ;;
	*)
		pp_say "FAILED $name"
		pp_say "$output"
		failed=$((failed + 1))
		;;
	esac
}

main()
{
	local name list

	cd "$PP_ROOT"
	if [ "${1:-}" = --fix ]; then
		shift
		mapfile -t list < <(c_files)
		# twice, since it moves comments by where they stood
		clang-format -i "${list[@]}"
		clang-format -i "${list[@]}"
	fi
	[ $# -gt 0 ] || set -- "${checks[@]}"
	for name in "$@"; do
		run "$name"
	done
	[ "$failed" -eq 0 ]
}

main "$@"
