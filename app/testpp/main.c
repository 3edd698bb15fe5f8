/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/* Start, the three front doors (terminal, pipe, statistics), signals, the end. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include <page_pool_mempool.h>

#include "testpp.h"

struct config cfg;
volatile bool quitting;

/* Something that was asked for: the exit status says so. */
static bool failed;

static void
on_signal(__rte_unused int sig)
{
	quitting = true;
	commands_end();
}

/* A driver writes to a peer that is gone, which must not cost us the end: pools and ports are still
 * there. It is wanted when nobody reads what we say.
 */
static void
on_broken_pipe(int sig)
{
	struct pollfd out = { .fd = STDOUT_FILENO };
	int saved = errno;

	if (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0)
		on_signal(sig);
	errno = saved;
}

/* Later ones too: nothing is cut off in the middle of the end. */
static void
signals_catch(void)
{
	/* writes go on where they were; the prompt is woken by a pipe */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct sigaction broken = { .sa_handler = on_broken_pipe, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigemptyset(&broken.sa_mask);
	if (sigaction(SIGINT, &sa, NULL) != 0 || sigaction(SIGTERM, &sa, NULL) != 0 ||
			sigaction(SIGPIPE, &broken, NULL) != 0) {
		perror("Cannot catch signals");
		exit(EXIT_FAILURE);
	}
}

/* Started without some of them, a device of EAL's would be taken for the terminal. */
static void
standard_files_open(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			exit(EXIT_FAILURE);
	} while (fd <= STDERR_FILENO);
	close(fd);
}

/* Mbufs are in page_pool, unless the command line named other ops (--mbuf-pool-ops-name). */
static void
ops_choose(void)
{
	int ret;

	if (rte_mbuf_user_mempool_ops() != NULL)
		return;
	if (!ops_registered(PAGE_POOL_OPS_NAME))
		rte_exit(EXIT_FAILURE,
				"mempool ops %s are not there: load them with "
				"-d librte_mempool_page_pool.so, or name others with "
				"--mbuf-pool-ops-name\n",
				PAGE_POOL_OPS_NAME);
	ret = rte_mbuf_set_user_mempool_ops(PAGE_POOL_OPS_NAME);
	if (ret != 0)
		rte_exit(EXIT_FAILURE, "Cannot choose mempool ops %s: %s\n", PAGE_POOL_OPS_NAME,
				rte_strerror(-ret));
}

/* What options say together. */
static void
options_agree(void)
{
	if (cfg.mlockall && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		fprintf(stderr, "testpmd: mlockall() failed with error \"%s\"\n", strerror(errno));
	if (cfg.tx_first && cfg.interactive)
		rte_exit(EXIT_FAILURE, "--tx-first cannot be used on interactive mode.\n");
	if (cfg.tx_first && cfg.lsc_interrupt) {
		fprintf(stderr,
				"Warning: lsc_interrupt needs to be off when using tx_first. "
				"Disabling.\n");
		cfg.lsc_interrupt = false;
	}
	if (cfg.compare_ops != NULL && (cfg.interactive || cfg.stats_period != 0 || cfg.verify))
		rte_exit(EXIT_FAILURE, "--pp-compare cannot be used with %s\n",
				cfg.interactive ? "-i: there is the command page_pool compare" :
						cfg.verify ? "--pp-verify" :
							     "--stats-period");
	if (cfg.rxq > 1 && cfg.rxq > cfg.txq)
		fprintf(stderr,
				"Warning: nb_rxq=%u enables RSS configuration, but nb_txq=%u will "
				"prevent to fully test it.\n",
				cfg.rxq, cfg.txq);
}

/* The interval is from report to report, as long as the report is quick. */
static void
statistics_run(void)
{
	do
		stats_period_show();
	while (commands_wait(-1, cfg.stats_period * 1000) == 0);
}

static void
interactive_run(void)
{
	if (cfg.auto_start) {
		printf("Start automatic packet forwarding\n");
		forwarding_start(0);
	}
	commands_run();
}

static void
batch_run(void)
{
	char c;

	printf("No commandline core given, start packet forwarding\n");
	forwarding_start(cfg.tx_first);
	if (cfg.stats_period != 0) {
		statistics_run();
		return;
	}
	printf("Press enter to exit\n");
	fflush(stdout);
	while (commands_wait(STDIN_FILENO, -1) >= 0)
		if (read(STDIN_FILENO, &c, 1) >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
}

static void
run(void)
{
	unsigned int i;
	uint16_t p;
	int ret;

	pools_make();
	if (quitting)
		return;
	ports_init();
	if (streams_make() != 0)
		rte_exit(EXIT_FAILURE, "Cannot make streams\n");
	if (quitting)
		return;
	if (cfg.device_start && ports_start(PORT_ALL) != 0) {
		if (!cfg.interactive)
			rte_exit(EXIT_FAILURE, "Start ports failed\n");
		/* commands may help */
		fprintf(stderr, "Start ports failed\n");
	}
	RTE_ETH_FOREACH_DEV(p) {
		ret = rte_eth_promiscuous_enable(p);
		if (ret != 0)
			fprintf(stderr,
					"Error during enabling promiscuous mode for port %u: %s - "
					"ignore\n",
					p, rte_strerror(-ret));
	}
	for (i = 0; i < cfg.nr_cmdline_files && !quitting; i++) {
		cfg.cmdline_echo = cfg.cmdline_files_echo[i];
		commands_file(cfg.cmdline_files[i]);
	}
	if (quitting)
		return;
	if (cfg.compare_ops != NULL)
		failed = compare_run(cfg.compare_ops) != 0;
	else if (cfg.interactive)
		interactive_run();
	else
		batch_run();
}

int
main(int argc, char **argv)
{
	int ret;

	standard_files_open();
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (commands_init() != 0)
		return EXIT_FAILURE;
	signals_catch();

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		rte_exit(EXIT_FAILURE, "Cannot init EAL: %s\n", rte_strerror(rte_errno));
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		rte_exit(EXIT_FAILURE, "secondary process: not supported by this program\n");
	config_defaults();
	ports_watch();
	ops_choose();
	config_find();
	options_parse(argc - ret, argv + ret);
	options_agree();
	if (!quitting)
		run();

	/* from here on everything has its end, wherever the start was left */
	if (forwarding())
		forwarding_stop();
	ports_end();
	if (!pools_check_end())
		failed = true;
	pools_free();
	commands_free();
	if (verify_end() != 0)
		failed = true;
	ret = rte_eal_cleanup();
	if (ret != 0)
		rte_exit(EXIT_FAILURE, "EAL cleanup failed: %s\n", strerror(-ret));
	printf("\nBye...\n");
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
