/* SPDX-License-Identifier: GPL-2.0 */
/* report.css, as a string. */
#include "report_page.h"

__asm__(".section .rodata\n"
	".global report_css\n"
	".type report_css, @object\n"
	"report_css:\n"
	".incbin \"user/report.css\"\n"
	".byte 0\n"
	".size report_css, . - report_css\n"
	".previous\n");
