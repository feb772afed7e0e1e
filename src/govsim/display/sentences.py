"""Sentences of the page, the claims and the organisations, in English and Chinese.

key -> (English, Chinese), with the same values in braces.
"""

from __future__ import annotations

PAGE = {
    "report": ("Report of a simulation", "模拟报告"),
    "skip": ("Skip to the findings", "跳到主要结论"),
    "contents": ("Contents", "目录"),
    "language": ("Language", "语言"),
    "about_run": (
        (
            "Run {run}: {replications} replications of {configurations}. What follows was computed, sentence by sentence, "
            "from that run."
        ),
        "运行 {run}：{configurations} 各重复 {replications} 次。以下每句话中的数字都由该次运行计算得出。",
    ),
    "intervals": (
        (
            "Intervals are 95 % intervals over replications: chance in the simulation only. In a table of many rows they hold "
            "for all rows of a column at once. How far the assumptions may be off is another question; section 8 answers it."
        ),
        (
            "区间均为按重复次数计算的 95% 区间，只反映模拟中的偶然性；多行表格中的区间对同一列各行同时成立。"
            "假设本身可能偏离多少是另一个问题，见第8节。"
        ),
    ),
    "table_of": ("The same in numbers", "对应数据表"),
    "missing": ("Not in this report", "本报告未包含"),
    "missing_run": ("To add it, run", "补充方法：运行"),
    "interval": (" (95 % interval {low} to {high})", "（95% 区间 {low} 至 {high}）"),
    "range": ("{low} to {high}", "{low} 至 {high}"),
    "not_known": ("not estimable ({why})", "无法估计（{why}）"),
    "and_more": ("{shown} and {more} more", "{shown}等（另有 {more} 项）"),
    "none": ("none", "无"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "mix": ("all services of the mix", "全部事项（按比例加权）"),
    "mix_named": ("the mix of {services}", "{services}（按比例加权）"),
    "cohort_counted": ("all counted filings", "统计期内的全部申报"),
    "cohort": ("filings of {first} to {last}", "{first} 至 {last} 申报的办件"),
    "no_scenario": (
        "The scenario file cannot be read any more: {why}",
        "情景文件已无法读取：{why}",
    ),
    "one_configuration": (
        "This run has one configuration only, so there is nothing to compare.",
        "本次运行只有一个方案，无从比较。",
    ),
    "title_1": ("The claims, and what the simulation says of them", "各项主张与模拟结论"),
    "title_2": ("The two organisations side by side", "改革前后两种组织"),
    "title_3": (
        "How long it takes, and for whom it gets better or worse",
        "办理时间的分布：谁更快，谁更慢",
    ),
    "title_4": ("Where the time goes", "时间花在哪里"),
    "title_5": (
        "Which levers did it, and what needed the merger",
        "哪些措施起了作用，哪些须合并才有",
    ),
    "title_6": ("The transition, week by week", "过渡期逐周情况"),
    "title_7": ("Staff", "人员"),
    "title_8": ("How sure is this?", "结论有多可靠"),
    "title_9": ("Every input", "全部输入"),
    "title_10": ("Checklist for simulation reports (STRESS-DES)", "模拟报告规范清单（STRESS-DES）"),
    "title_11": ("Where this comes from", "来源与复现"),
}

CLAIMS = {
    "findings": ("What the simulation finds", "模拟的主要发现"),
    "of_whom": (
        "Mean over {mix}, {cohort}; time from filing to the end, in {unit}.",
        "统计口径：{mix}，{cohort}；从申报到办结的平均时间，单位：{unit}。",
    ),
    "found_all": (
        "The whole reform: {before} before, {after} after; a change of {change}, or {percent}.",
        "全部改革措施：改革前 {before}，改革后 {after}；变化 {change}，即 {percent}。",
    ),
    "found_process": (
        "Without any merger: the process levers alone bring it to {middle}. {share}",
        "不合并也能做到：仅靠流程措施即可到 {middle}。{share}",
    ),
    "found_share": ("That is {share} of the whole change.", "占全部变化的 {share}。"),
    "found_merger": (
        "What the merger adds to them: {added}.",
        "合并在此之上增加的效果：{added}。",
    ),
    "found_slow": (
        "The slow end: nine cases in ten end within {before} before, and within {after} after, a change of {change}.",
        "慢的一端：改革前十件中有九件在 {before} 内办结，改革后在 {after} 内；变化 {change}。",
    ),
    "found_losers": (
        "Services that become slower, in the mean or at the 90th percentile, from {first} to {last}: {names}.",
        "从“{first}”到“{last}”变慢的事项（平均或第90百分位）：{names}。",
    ),
    "found_losers_none": (
        "No service is shown to become slower from {first} to {last}, in the mean or at the 90th percentile.",
        "从“{first}”到“{last}”，没有事项被证实变慢（平均或第90百分位）。",
    ),
    "loses_by": ("{service} (up to {size})", "{service}（最多 {size}）"),
    "found_matched": (
        "The same applicants, from {first} to {last}: {slower} slower, {equal} as fast, {faster} faster, where a difference in calendar days matters; to the minute {any_slower} slower, {any_faster} faster.",
        "同一批申请人，从“{first}”到“{last}”：{slower} 更慢，{equal} 不变，{faster} 更快（按日历日计，只计有意义的差别）；逐分钟计，{any_slower} 更慢，{any_faster} 更快。",
    ),
    "found_posts": ("Posts: {posts}.", "岗位数：{posts}。"),
    "found_posts_unequal": (
        "Posts: {posts}. The numbers of posts differ, so a difference of times is partly a difference of staff.",
        "岗位数：{posts}。人数不同，因此时间差别部分来自人员差别。",
    ),
    "found_assumed": (
        "{assumptions} of the {numbers} numbers that have a range are assumptions, not measurements.",
        "有取值范围的 {numbers} 个数字中，{assumptions} 个是假设而非实测。",
    ),
    "quoted": ("“{name}”", "“{name}”"),
    "verdicts": ("The claims", "各项主张"),
    "claims_intro": (
        "Declared in the scenario before anything was run. Each verdict is about the organisation in the model, not about any real one.",
        "主张在运行之前已写入情景文件。结论针对模型中的组织，不是任何真实地方的实测。",
    ),
    "claims_table": ("The claims and their verdicts", "各项主张与结论"),
    "claim": ("claim", "主张"),
    "verdict": ("verdict", "结论"),
    "reason": ("why", "理由"),
    "in_worlds": ("holds in possible offices", "成立的可能机构"),
    "of_all": ("{number} of {all}", "{all} 个中 {number} 个"),
    "unless": ("unless {box}", "例外：{box}"),
    "fails_where": ("fails where {box}", "不成立于：{box}"),
    "claims_none": ("The scenario makes no claim.", "情景文件没有提出主张。"),
    "named": ("{name}: {said}", "{name}：{said}"),
    "claims_count": ("Claims: {all}; {counted}.", "共 {all} 项主张：{counted}。"),
    "counted": ("{number} {outcome}", "{outcome} {number} 项"),
    "claims_reasons": ("All reasons, claim by claim", "逐项理由"),
    "unknowns": (
        "The three unknowns that matter most, and what to measure",
        "最关键的三个未知数与应测量的内容",
    ),
    "worth_intro": (
        "Measuring these first would decide most: how many claims more would be judged rightly if the number were known.",
        "先测量这些最有价值：若知道该数字，可多正确判断多少项主张。",
    ),
    "worth": ("{unknown}: {claims} claims more.", "{unknown}：多 {claims} 项。"),
    "worth_none": (
        "No single unknown would decide a claim. These move the change of the mean time most:",
        "没有单独一个未知数能决定某项主张。对平均时间变化影响最大的是：",
    ),
    "decides": (
        "{unknown}: {share} % of the variance over possible offices.",
        "{unknown}：占各可能机构之间变异的 {share}%。",
    ),
    "unknown": ("{name} ({inside})", "{name}（{inside}）"),
    "no_range": (
        "No number of the scenario has a range, so there is only one possible office, and nothing to explore.",
        "情景中没有任何数字带有范围，因此只有一个可能的机构，无可探索。",
    ),
    "unknowns_missing": (
        "Which assumptions decide the verdicts, and which of them is worth measuring first.",
        "哪些假设决定结论、最值得先测量哪一项。",
    ),
}

ORGANISATIONS = {
    "organisations_table": ("The organisation in numbers", "组织概况"),
    "departments": ("departments with staff", "有人员的部门"),
    "groups": ("groups of staff", "人员组"),
    "posts": ("posts", "岗位（编制）"),
    "steps_mean": ("steps in all routes", "全部流程的环节数"),
    "signatures_count": ("signatures in all routes", "全部流程中的签批"),
    "handovers_count": ("transfers between departments in all routes", "全部流程中的跨部门移交"),
    "quantity": ("what", "项目"),
    "levers": ("The levers of the reform", "改革措施"),
    "levers_intro": (
        (
            "{merger} of the {all} levers need the merger, {process} do not. “Services touched” is seen, not "
            "declared: each measure "
            "alone, compared with none."
        ),
        "{all} 项措施中，{merger} 项须合并，{process} 项不须合并。“涉及事项”由逐项单独启用与不启用对比得出。",
    ),
    "levers_table": ("The levers as differences", "各项措施带来的差别"),
    "lever": ("measure", "措施"),
    "bundle": ("bundle", "措施组"),
    "kind": ("kind", "性质"),
    "touches": ("services touched", "涉及事项"),
    "what_changes": ("what it changes", "改变的内容"),
    "no_levers": ("The scenario has no levers.", "情景文件没有改革措施。"),
    "more_changes": ("{shown} … and {more} more", "{shown} ……另有 {more} 处"),
    "maps": ("Process maps", "流程图"),
    "maps_intro": (
        (
            "Read from the top down. A frame “at the same time” holds branches that run in parallel; “one of these” "
            "holds branches of "
            "which each case takes one. Marked steps say in words what a measure did to them. The services whose "
            "routes change most "
            "come first."
        ),
        (
            "自上而下阅读。“并联”框内各支同时进行；“分支”框内每件只走其中一支。有标记的环节写明哪项措施做了什么。"
            "变化最大的事项排在前面。"
        ),
    ),
    "map_of": ("Route of {service}: before and after", "{service}：改革前后的流程"),
    "map_table": ("{service}, step by step", "{service}逐环节对照"),
    "step": ("step", "环节"),
    "is_before": ("before", "改革前"),
    "is_after": ("after", "改革后"),
    "change": ("change", "变化"),
    "change_from": ("change, {first} to {last}", "变化（{first} 至 {last}）"),
    "in_percent": ("in %", "百分比"),
    "by_lever": ("{change}, by {levers}", "{change}（{levers}）"),
    "branch_empty": ("nothing to do", "无环节"),
    "otherwise": ("otherwise", "否则"),
    "by_chance": ("in some cases", "部分办件"),
    "did_removed": ("left out", "取消"),
    "did_added": ("new", "新增"),
    "did_parallel": ("now at the same time as others", "改为与其他环节并联"),
    "did_desk": ("moved to another desk", "移到其他岗位"),
    "did_inside": ("no longer leaves the department", "不再跨部门"),
    "did_file": ("the file moves faster or otherwise", "公文流转方式改变"),
    "did_meeting": ("other dates", "会期改变"),
    "did_papers": ("papers: other chances", "材料补正概率改变"),
    "did_shares": ("other shares of applicants", "申请人比例改变"),
    "did_served": ("served by other staff", "经办人员改变"),
    "did_numbers": ("other minutes or chances", "用时或概率改变"),
    "did_merge": ("one queue for {desks}", "合并排队：{desks}"),
    "did_serve": (
        "{groups} groups may also serve {desks} desks",
        "{groups} 个组可兼办 {desks} 个岗位",
    ),
    "did_insert": ("new steps", "新增环节"),
    "did_in_parallel": ("in parallel", "改为并联"),
    "tags": ("changed: {tags}", "有变化：{tags}"),
    "tag_file": ("how the file moves", "流转方式"),
    "tag_meeting": ("dates", "会期"),
    "tag_papers": ("chance of missing papers", "补正概率"),
    "tag_shares": ("shares of applicants", "申请人比例"),
    "tag_served": ("staff", "经办人员"),
    "tag_numbers": ("minutes", "用时"),
    "maps_folded": ("Routes of the other {number} services", "其余 {number} 个事项的流程"),
}

TRACE = {
    "trace_title": (
        "trace of {run}, replication {replication}: {service}, {who} (applicant {number})",
        "{run} 第 {replication} 次重复：{service}，{who}（第 {number} 号申请）",
    ),
    "trace_median": ("the median by time", "用时居中者"),
    "trace_slowest": ("the slowest", "用时最长者"),
    "trace_worst_hit": ("whose time rises most, or falls least", "用时增加最多或减少最少者"),
    "trace_number": ("as asked", "指定者"),
    "trace_journey": (
        "{configuration}: filed {filed}, {end} after {days} calendar days",
        "{configuration}：{filed} 申报，{days} 个自然日后{end}",
    ),
    "trace_end_completed": ("granted", "准予"),
    "trace_end_rejected": ("refused", "不予许可"),
    "trace_end_withdrawn": ("gave up", "放弃"),
    "trace_end_open": ("no answer yet", "尚无答复"),
    "trace_until": ("until", "至"),
    "trace_took": ("took", "用时"),
    "trace_ahead": ("before it", "前面件数"),
    "trace_closed": ("closed", "非办公时间"),
    "trace_how_paper": ("on paper", "纸质"),
    "trace_how_electronic": ("electronically", "电子"),
    "trace_how_misdirected": ("at the wrong place", "走错窗口"),
    "trace_how_tolerated": ("accepted though papers lack", "容缺受理"),
    "trace_how_withdrawn": ("and gave up", "并放弃"),
}
