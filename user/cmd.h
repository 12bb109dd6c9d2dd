/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VQA_USER_CMD_H
#define VQA_USER_CMD_H

/*
 * The commands. Each parses its own options, argv[0] being the command as the
 * user would call it, and returns an exit code (enum vqa_exit).
 */
int cmd_run(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_events(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_pin(int argc, char **argv);
int cmd_unpin(int argc, char **argv);

#endif
