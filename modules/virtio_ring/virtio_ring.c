// SPDX-License-Identifier: GPL-2.0
/*
 * The patched virtio_ring, as a module for a kernel that has the stock one.
 *
 * patched.c is the kernel's own file with the series applied, stock.c without;
 * modules/virtio_ring/prepare puts both here.
 *
 * With CONFIG_MODVERSIONS a driver loads only if the checksum of each symbol is
 * what it was built with. The series changes no type that drivers know, but
 * includes headers, and so completes types in this file that were opaque before,
 * which is enough for another checksum. So genksyms is shown the stock file.
 */
#ifdef __GENKSYMS__
#include "stock.c"
#else
#define CONFIG_VIRTIO_RING_AUDIT 1
#include "patched.c"
#endif
