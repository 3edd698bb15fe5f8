/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

#ifndef _PP_LOG_H_
#define _PP_LOG_H_

#include <stdbool.h>

#include <rte_log.h>

extern int page_pool_logtype;

#define PP_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, page_pool_logtype, "PAGE_POOL: " fmt "\n", ##__VA_ARGS__)

/* Reports of misuse can come at packet rate: a burst of them, then a few each second. */
bool pp_log_allowed(void);

#define PP_LOG_LIMITED(level, fmt, ...) \
	do { \
		if (pp_log_allowed()) \
			PP_LOG(level, fmt, ##__VA_ARGS__); \
	} while (0)

#endif /* _PP_LOG_H_ */
