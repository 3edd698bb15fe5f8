/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Commands: read from a terminal, a pipe or a file, and parsed by librte_cmdline. The line editor
 * is driven from here, not by cmdline_interact(): a signal ends the wait for input, and echo and
 * prompt are one write each, so that packets that lcores print do not end up inside them.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_string.h>
#include <cmdline_rdline.h>
#include <rte_string_fns.h>

#include "testpp.h"

#define PROMPT "testpmd> "
#define FILES_DEEP 16

static struct cmdline *cl;       /* parses; it neither reads nor prompts */
static cmdline_parse_ctx_t *all; /* the commands of all lists */
static int wake[2] = { -1, -1 }; /* commands_end() writes, waits for input read */
static bool done;                /* `quit`: no more lines from where it stood */
static unsigned int files_open;
static struct termios terminal; /* as it was */
static bool terminal_changed;

/* What the line editor wrote, until it is written in one go. */
static struct {
	char data[4096];
	size_t len;
} out;

static const char *const results[] = {
	[-CMDLINE_PARSE_AMBIGUOUS] = "Ambiguous command",
	[-CMDLINE_PARSE_NOMATCH] = "Command not found",
	[-CMDLINE_PARSE_BAD_ARGS] = "Bad arguments",
};

static int file_run(const char *name, bool echo);

/* ---- help [section] */

struct help_result {
	cmdline_fixed_string_t help;
	cmdline_fixed_string_t section;
};

static cmdline_parse_inst_t *commands_core[5];

static const struct section {
	const char *name, *about;
	cmdline_parse_inst_t **lists[3];
} sections[] = {
	{ "control", "Start and stop forwarding.", { commands_core, commands_fwd } },
	{ "display", "Displaying port, stats and config information.",
			{ commands_show, commands_pp } },
	{ "config", "Configuration information.", { commands_set } },
	{ "ports", "Configuring ports.", { commands_port } },
	{ "filters", "Filters configuration help.", { NULL } },
	{ "traffic_management", "Traffic Management commands.", { NULL } },
	{ "devices", "Device related commands.", { NULL } },
	{ "drivers", "Driver specific commands.", { NULL } },
};

static void
help_list(void)
{
	unsigned int i;

	printf("\nHelp is available for the following sections:\n\n");
	for (i = 0; i < RTE_DIM(sections); i++)
		printf("    help %-27s: %s\n", sections[i].name, sections[i].about);
	printf("    help %-27s: All of the above sections.\n\n", "all");
}

static void
help_section(const struct section *s)
{
	unsigned int i, j, n = 0;

	printf("\n%s\n", s->about);
	for (i = strlen(s->about); i > 0; i--)
		putchar('-');
	printf("\n\n");
	for (i = 0; i < RTE_DIM(s->lists) && s->lists[i] != NULL; i++)
		for (j = 0; s->lists[i][j] != NULL; j++) {
			const char *help = s->lists[i][j]->help_str;

			if (help == NULL || *help == '\0')
				continue;
			printf("%s\n", help);
			n++;
		}
	if (n == 0)
		printf("No command of this kind is supported by this program.\n");
	printf("\n");
}

static void
help_parsed(void *parsed, __rte_unused struct cmdline *cmdline, void *with_section)
{
	const struct help_result *res = parsed;
	unsigned int i;

	if (with_section == NULL) {
		help_list();
		return;
	}
	for (i = 0; i < RTE_DIM(sections); i++)
		if (strcmp(res->section, "all") == 0 || strcmp(res->section, sections[i].name) == 0)
			help_section(&sections[i]);
}

static cmdline_parse_token_string_t help_help = TOKEN_STRING_INITIALIZER(struct help_result, help,
		"help");
static cmdline_parse_token_string_t help_name = TOKEN_STRING_INITIALIZER(struct help_result,
		section,
		"all#control#display#config#ports#filters#traffic_management#devices#drivers");

static cmdline_parse_inst_t command_help = {
	.f = help_parsed,
	.data = NULL,
	.help_str = "help: the sections of help",
	.tokens = { (void *)&help_help, NULL },
};

static cmdline_parse_inst_t command_help_section = {
	.f = help_parsed,
	.data = &command_help,
	.help_str = "help all|control|display|config|ports|filters|traffic_management|devices|"
		    "drivers: the commands of a section, or all",
	.tokens = { (void *)&help_help, (void *)&help_name, NULL },
};

/* ---- quit */

struct quit_result {
	cmdline_fixed_string_t quit;
};

static void
quit_parsed(__rte_unused void *parsed, __rte_unused struct cmdline *cmdline,
		__rte_unused void *data)
{
	done = true;
}

static cmdline_parse_token_string_t quit_quit = TOKEN_STRING_INITIALIZER(struct quit_result, quit,
		"quit");

static cmdline_parse_inst_t command_quit = {
	.f = quit_parsed,
	.help_str = "quit: end the program; in a file: end the file",
	.tokens = { (void *)&quit_quit, NULL },
};

/* ---- load FILE */

struct load_result {
	cmdline_fixed_string_t load;
	cmdline_fixed_string_t file;
};

static void
load_parsed(void *parsed, __rte_unused struct cmdline *cmdline, __rte_unused void *data)
{
	const struct load_result *res = parsed;

	file_run(res->file, false);
}

static cmdline_parse_token_string_t load_load = TOKEN_STRING_INITIALIZER(struct load_result, load,
		"load");
static cmdline_parse_token_string_t load_file = TOKEN_STRING_INITIALIZER(struct load_result, file,
		NULL);

static cmdline_parse_inst_t command_load = {
	.f = load_parsed,
	.help_str = "load <filename>: run the commands of a file",
	.tokens = { (void *)&load_load, (void *)&load_file, NULL },
};

static cmdline_parse_inst_t *commands_core[5] = {
	&command_help,
	&command_help_section,
	&command_quit,
	&command_load,
	NULL,
};

/* ---- what all ways of reading share */

/* Line buffering keeps reports and prompts in order where output is a pipe. */
static void
out_flush(void)
{
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	out.len = 0;
	fflush(stdout);
}

static int
out_char(__rte_unused struct rdline *rdl, char c)
{
	if (out.len == sizeof(out.data))
		out_flush();
	out.data[out.len++] = c;
	return 0;
}

static int
context_make(void)
{
	cmdline_parse_inst_t **const lists[] = { commands_core, commands_fwd, commands_show,
		commands_set, commands_port, commands_pp };
	unsigned int i, j, n = 0;

	if (cl != NULL)
		return 0;
	for (i = 0; i < RTE_DIM(lists); i++)
		for (j = 0; lists[i][j] != NULL; j++)
			n++;
	all = calloc(n + 1, sizeof(*all));
	if (all == NULL)
		goto no_memory;
	n = 0;
	for (i = 0; i < RTE_DIM(lists); i++)
		for (j = 0; lists[i][j] != NULL; j++)
			all[n++] = lists[i][j];
	cl = cmdline_new(all, "", -1, STDOUT_FILENO);
	if (cl != NULL)
		return 0;
	free(all);
	all = NULL;
no_memory:
	fprintf(stderr, "Cannot make the list of commands: %s\n", strerror(ENOMEM));
	return -1;
}

int
commands_init(void)
{
	int i;

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) == 0)
		return 0;
	i = errno;
	fprintf(stderr, "Cannot make a pipe: %s\n", strerror(i));
	return -1;
}

void
commands_end(void)
{
	int saved = errno;

	/* full: it is readable, and that is all that matters */
	if (wake[1] >= 0 && write(wake[1], "", 1) < 0)
		errno = saved;
}

int
commands_wait(int fd, int ms)
{
	struct pollfd p[2] = {
		{ .fd = wake[0], .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	int n;

	do {
		if (quitting)
			return -1;
		n = poll(p, fd < 0 ? 1 : 2, ms);
	} while (n < 0 && errno == EINTR);
	if (quitting || n < 0 || p[0].revents != 0)
		return -1;
	return n;
}

/* ---- terminal and pipe */

static void
terminal_restore(void)
{
	if (terminal_changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
	terminal_changed = false;
}

/* The line editor echoes, and ^C is a key: it drops the line. */
static void
terminal_set(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &terminal) != 0)
		return;
	t = terminal;
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0)
		terminal_changed = true;
}

static void
line_ready(__rte_unused struct rdline *rdl, const char *line, __rte_unused unsigned int len)
{
	int ret;

	out_flush();
	ret = cmdline_parse(cl, line);
	if (ret < 0)
		printf("%s\n", results[-ret]);
}

static int
line_complete(__rte_unused struct rdline *rdl, const char *line, char *dst, unsigned int size,
		int *state)
{
	return cmdline_complete(cl, line, state, dst, size);
}

/* Blank lines are not worth remembering. */
static void
history_add(struct rdline *rdl)
{
	char line[1024];
	size_t len;

	len = strlcpy(line, rdline_get_buffer(rdl), sizeof(line));
	len = RTE_MIN(len, sizeof(line) - 1);
	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		len--;
	line[len] = '\0';
	if (len > 0)
		rdline_add_history(rdl, line);
}

/* False: no more. */
static bool
input(struct rdline *rdl, const char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		switch (rdline_char_in(rdl, data[i])) {
		case RDLINE_RES_VALIDATED:
			history_add(rdl);
			if (done || quitting)
				return false;
			rdline_newline(rdl, PROMPT);
			out_flush();
			break;
		case RDLINE_RES_EOF:
		case RDLINE_RES_EXITED:
			return false;
		default:
			break;
		}
	}
	out_flush();
	return true;
}

void
commands_run(void)
{
	struct rdline *rdl;
	char data[512];
	ssize_t n;

	if (context_make() != 0)
		return;
	rdl = rdline_new(out_char, line_ready, line_complete, NULL);
	if (rdl == NULL) {
		fprintf(stderr, "Cannot make a line editor: %s\n", strerror(ENOMEM));
		return;
	}
	terminal_set();
	/* also where something ends the program in the middle of a command */
	atexit(terminal_restore);
	done = false;
	rdline_newline(rdl, PROMPT);
	out_flush();
	while (commands_wait(STDIN_FILENO, -1) >= 0) {
		n = read(STDIN_FILENO, data, sizeof(data));
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0 || !input(rdl, data, n))
			break;
	}
	out_flush();
	terminal_restore();
	rdline_free(rdl);
}

/* ---- files */

static void
line_run(const char *name, unsigned int nr, const char *line, bool echo)
{
	int ret;

	if (echo) {
		printf(PROMPT "%s", line);
		fflush(stdout);
	}
	ret = cmdline_parse(cl, line);
	if (ret < 0)
		fprintf(stderr, "%s:%u: %s\n", name, nr, results[-ret]);
}

static int
file_run(const char *name, bool echo)
{
	unsigned int nr = 0;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = 0;
	FILE *f;

	if (context_make() != 0)
		return -1;
	if (files_open == FILES_DEEP) {
		fprintf(stderr, "%s: files that load files, more than %d deep\n", name, FILES_DEEP);
		return -1;
	}
	f = fopen(name, "re");
	if (f == NULL) {
		fprintf(stderr, "Failed to create file based cmdline context: %s\n", name);
		return -1;
	}
	files_open++;
	errno = 0;
	while (!done && !quitting && (len = getline(&line, &size, f)) > 0) {
		nr++;
		if (strlen(line) != (size_t)len) {
			fprintf(stderr, "%s:%u: not a line of text\n", name, nr);
			ret = -1;
			break;
		}
		/* the parser sees no command without an end of line */
		if (line[len - 1] != '\n') {
			if (size < (size_t)len + 2) {
				char *p = realloc(line, len + 2);

				if (p == NULL) {
					fprintf(stderr, "%s:%u: %s\n", name, nr, strerror(ENOMEM));
					ret = -1;
					break;
				}
				line = p;
				size = len + 2;
			}
			strcpy(line + len, "\n");
		}
		line_run(name, nr, line, echo);
		errno = 0;
	}
	if (ferror(f)) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		ret = -1;
	}
	free(line);
	fclose(f);
	files_open--;
	/* `quit` was about the file */
	done = false;
	if (ret == 0)
		printf("Read CLI commands from %s\n", name);
	return ret;
}

int
commands_file(const char *name)
{
	return file_run(name, cfg.cmdline_echo);
}

void
commands_free(void)
{
	if (cl != NULL)
		cmdline_free(cl);
	free(all);
	cl = NULL;
	all = NULL;
}
