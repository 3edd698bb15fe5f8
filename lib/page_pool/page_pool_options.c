/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 page_pool for DPDK contributors
 */

/*
 * Options of a pool: "key=value,..." lists, parsed with rte_kvargs. A list is accepted whole or not
 * at all, and whatever is wrong with it is named in one log line; nothing is ever ignored.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#include "page_pool_mempool.h"
#include "pp_log.h"

struct option {
	const char *key;
	const char *values; /* for the message */
	int (*set)(struct frag_pool_params *params, const char *value);
};

/* A number with an optional suffix k or m; -EINVAL when it is none or above max. */
static int
parse_number(const char *value, uint64_t max, uint64_t *number)
{
	uint64_t unit = 1;
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoull(value, &end, 0);
	if (errno != 0)
		return -EINVAL;
	if (*end == 'k' || *end == 'K')
		unit = 1024;
	else if (*end == 'm' || *end == 'M')
		unit = 1024 * 1024;
	if (unit != 1)
		end++;
	if (*end != '\0' || *number > max / unit)
		return -EINVAL;
	*number *= unit;
	return 0;
}

static int
set_cache(struct frag_pool_params *params, const char *value)
{
	uint64_t n;

	if (parse_number(value, FRAG_POOL_CACHE_MAX, &n) != 0)
		return -EINVAL;
	params->cache_size = n == 0 ? FRAG_POOL_CACHE_NONE : (uint32_t)n;
	return 0;
}

static int
set_page_size(struct frag_pool_params *params, const char *value)
{
	uint64_t n;

	if (parse_number(value, UINT64_C(1) << 40, &n) != 0 || n == 0)
		return -EINVAL;
	/* known here, so that the message can say which option it is */
	if (params->frag_size != 0 && n < params->frag_size)
		return -ERANGE;
	params->page_size = n;
	return 0;
}

static int
set_flag(struct frag_pool_params *params, const char *value, const char *off, const char *on,
		uint32_t flag)
{
	if (strcmp(value, off) == 0)
		params->flags &= ~flag;
	else if (strcmp(value, on) == 0)
		params->flags |= flag;
	else
		return -EINVAL;
	return 0;
}

static int
set_mode(struct frag_pool_params *params, const char *value)
{
	return set_flag(params, value, "default", "strict", FRAG_POOL_F_STRICT);
}

static int
set_fence(struct frag_pool_params *params, const char *value)
{
	return set_flag(params, value, "auto", "full", FRAG_POOL_F_FENCE);
}

static int
set_idle_trim(struct frag_pool_params *params, const char *value)
{
	uint64_t n;

	if (parse_number(value, UINT32_MAX, &n) != 0)
		return -EINVAL;
	params->idle_trim_ms = (uint32_t)n;
	return 0;
}

static const struct option option_table[] = {
	{ "cache", "0 to 8192", set_cache },
	{ "page_size", "bytes, with k or m if you like, at least one object with its header",
			set_page_size },
	{ "mode", "default or strict", set_mode },
	{ "fence", "auto or full", set_fence },
	{ "idle_trim", "milliseconds, 0 for never", set_idle_trim },
};

static const struct option *
option_find(const char *key)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(option_table); i++)
		if (strcmp(option_table[i].key, key) == 0)
			return &option_table[i];
	return NULL;
}

int
page_pool_parse_options(struct frag_pool_params *params, const char *options, const char *source)
{
	struct frag_pool_params parsed = *params;
	const struct option *option;
	struct rte_kvargs *kv;
	unsigned int i, j;
	int rc = -EINVAL;

	if (options == NULL || options[0] == '\0')
		return 0;
	kv = rte_kvargs_parse(options, NULL);
	if (kv == NULL) {
		PP_LOG(ERR, "%s: \"%s\" is no list of key=value", source, options);
		return -EINVAL;
	}
	for (i = 0; i < kv->count; i++) {
		option = option_find(kv->pairs[i].key);
		if (option == NULL) {
			PP_LOG(ERR,
					"%s: no option is called \"%s\"; "
					"there are cache, page_size, "
					"mode, fence and idle_trim",
					source, kv->pairs[i].key);
			goto out;
		}
		for (j = 0; j < i; j++)
			if (strcmp(kv->pairs[j].key, option->key) == 0) {
				PP_LOG(ERR, "%s: option \"%s\" stands twice", source, option->key);
				goto out;
			}
		if (kv->pairs[i].value == NULL || option->set(&parsed, kv->pairs[i].value) != 0) {
			PP_LOG(ERR, "%s: option \"%s\" cannot be \"%s\", it is %s", source,
					option->key,
					kv->pairs[i].value == NULL ? "" : kv->pairs[i].value,
					option->values);
			goto out;
		}
	}
	*params = parsed;
	rc = 0;
out:
	rte_kvargs_free(kv);
	return rc;
}
