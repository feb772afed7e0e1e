"""What measures, parts, kinds and units are called, in English and in Chinese."""

from __future__ import annotations

UNITS = {
    "working days": ("working days", "个工作日"),
    "opening minutes": ("opening minutes", "分钟（办公时间）"),
    "calendar days": ("calendar days", "个日历日"),
    "min": ("minutes", "分钟"),
    "visits": ("visits", "次"),
    "handovers": ("handovers", "次"),
    "supplements": ("supplements", "次"),
    "signatures": ("signatures", "次"),
    "steps": ("steps", "步"),
    "cases": ("cases", "件"),
    "cases per month": ("cases per month", "件/月"),
    "months": ("months", "个月"),
    "weeks": ("weeks", "周"),
    "posts": ("posts", "个岗位"),
    "%": ("%", "%"),
    "points": ("percentage points", "个百分点"),
    "": ("", ""),
}

MEASURES = {
    "cycle_time": ("time from filing to the end (calendar days)", "从申报到办结的时间（日历日）"),
    "cycle_time_working": ("time from filing to the end", "从申报到办结的时间"),
    "legal_clock": ("time on the legal clock", "计入法定时限的时间"),
    "within_promise": ("promise kept", "承诺时限内办结率"),
    "late": ("promise not kept", "超期率"),
    "lateness": ("time beyond the promise", "超期时间"),
    "within_limit": ("legal limit kept", "法定时限内办结率"),
    "time_to_first_answer": ("time to the first answer", "首次答复时间"),
    "transfer_time": ("time that files are on the way", "公文流转时间"),
    "visits": ("visits of the applicant", "跑动次数"),
    "handovers": ("handovers between departments", "跨部门移交次数"),
    "supplements": ("papers found missing", "补正次数"),
    "signatures": ("signatures", "签批次数"),
    "steps": ("steps", "环节数"),
    "applicant_time": ("the applicant's own time", "申请人花费时间"),
    "staff_minutes_per_case": ("staff minutes per case", "每件用工"),
    "cycle_time_answered": ("cycle time of those answered (calendar)", "已答复件办理时间（日历）"),
    "cycle_time_working_answered": ("cycle time of those answered", "已答复件办理时间（工作日）"),
    "past_limit": ("legal limit not kept", "超过法定时限率"),
    "gave_up_in_time": ("applicants who gave up before the promise ran out", "承诺到期前放弃率"),
    "stayed": ("applicants who did not give up", "未放弃的申请人数"),
    "window_wait_per_task": ("wait of one window task", "每次窗口等候"),
    "review_wait_per_task": ("wait of one review", "每次审查等候"),
    "signature_wait_per_task": ("wait of one signature", "每次签批等候"),
    "internal_wait_per_task": ("wait of one internal job", "每次内部事务等候"),
    "window_wait": ("wait at windows", "窗口等候"),
    "review_wait": ("wait for a reviewer", "审查等候"),
    "signature_wait": ("wait for a signature", "签批等候"),
    "internal_wait": ("wait of internal jobs", "内部事务等候"),
    "wait": ("wait", "等候"),
    "utilisation": ("share of duty worked", "忙碌率"),
    "backlog": ("open cases", "积压"),
    "throughput": ("cases completed a month", "月办结量"),
    "counted": ("cases filed", "申报数"),
    "completed": ("cases granted", "准予数"),
    "rejected": ("cases refused", "不予许可数"),
    "withdrawn": ("applicants who gave up", "放弃数"),
    "open": ("cases without an answer yet", "尚无答复数"),
}

PARTS = {
    "part_service": ("being worked on", "办理（有人在办）"),
    "part_queue": ("waiting in a queue", "排队"),
    "part_closed": ("office closed", "非办公时间"),
    "part_transfer": ("files on the way", "公文流转"),
    "part_applicant": ("with the applicant", "等申请人"),
    "part_meeting": ("waiting for a meeting or batch date", "等会议、等批次"),
    "part_notice": ("public notice", "公示"),
    "part_outside": ("outside bodies", "外部机构"),
}

CONFIGURATIONS = {
    "before": ("before", "改革前"),
    "process_only": ("process levers only", "仅流程措施"),
    "merger_only": ("merger levers only", "仅合并措施"),
    "after": ("after", "改革后"),
}

KINDS = {
    "merger": ("needs the merger", "须合并"),
    "process": ("needs no merger", "不须合并"),
    "stress": ("adverse, outside “after”", "不利情形，不计入“改革后”"),
}

STATISTICS = {
    "mean": ("mean", "平均"),
    "median": ("median", "中位数"),
    "p90": ("90th percentile", "第90百分位"),
}

STEPS = {
    "window": ("at a window", "窗口办理"),
    "review": ("review", "审查"),
    "signature": ("signature", "签批"),
    "internal": ("internal job", "内部事务"),
    "transfer": ("file moves", "公文流转"),
    "delay": ("wait", "等待"),
    "applicant": ("with the applicant", "等申请人"),
    "notice": ("public notice", "公示"),
    "outside": ("outside body", "外部机构"),
    "meeting": ("meeting or batch date", "会议或批次"),
    "accepted": ("accepted", "受理"),
    "first_answer": ("first answer", "首次答复"),
    "decided": ("decided", "决定"),
    "completed": ("ends: completed", "办结"),
    "rejected": ("ends: rejected", "不予许可"),
    "withdrawn": ("ends: withdrawn", "撤回"),
    "choice": ("one of these", "分支"),
    "parallel": ("at the same time", "并联"),
}
