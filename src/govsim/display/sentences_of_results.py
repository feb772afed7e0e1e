"""Sentences of times, causes, staff and certainty, in English and Chinese.

key -> (English, Chinese), with the same values in braces.
"""

from __future__ import annotations

TIMES = {
    "distribution": ("Share of cases ended within a time", "在给定时间内办结的比例"),
    "distribution_about": (
        "Curves of the share of cases ended within so many {unit}, with 95 % bands that hold along the whole curve.",
        "横轴为{unit}，纵轴为已办结的比例；色带为对整条曲线同时成立的 95% 置信带。",
    ),
    "share_done": ("share ended, %", "已办结比例（%）"),
    "time_axis": ("time from filing to the end, {unit}", "从申报到办结的时间（{unit}）"),
    "quantiles_table": ("Quantiles of the time, {unit}", "时间的分位数（{unit}）"),
    "quantile": ("quantile", "分位"),
    "slowest": ("{percent} % end within", "{percent}% 的办件在此时间内办结"),
    "quantile_curve": ("How each quantile changes", "各分位的变化"),
    "quantile_curve_about": (
        (
            "Difference of the two distributions at each quantile, with a 95 % band that holds along the whole curve. "
            "Below zero is faster. It compares the fast end with "
            "the fast end and the slow end with the slow end, not the same applicants."
        ),
        "两条分布在各分位上的差及同时置信带。零线以下为更快。这里比较的是快端对快端、慢端对慢端，不是同一批申请人。",
    ),
    "quantile_axis": ("quantile, % of cases", "分位（办件的百分比）"),
    "change_axis": ("change, {unit}", "变化（{unit}）"),
    "percent_axis": ("change, %", "变化（%）"),
    "services_heading": (
        "First sense: which services get slower or faster",
        "第一种含义：哪些事项变慢或变快",
    ),
    "services_figure": ("Change of each service’s time, in %", "各事项时间的变化（%）"),
    "services_about": (
        "Marks are the change from {first} to {last} in percent, bars the 95 % intervals; to the right of zero is slower.",
        "标记为从“{first}”到“{last}”的百分比变化，横线为 95% 区间；零线右侧为更慢。",
    ),
    "services_table": (
        "{statistic} of the time by service, {unit}",
        "各事项时间的{statistic}（{unit}）",
    ),
    "service": ("service", "事项"),
    "gains": (
        "Shown to be faster, in the mean: {number} of {all} services.",
        "被证实平均变快的事项：{all} 项中的 {number} 项。",
    ),
    "at_once": (
        (
            "The intervals of the changes hold for all services, mean and 90th percentile, at once: if nothing had changed, one "
            "comparison in twenty reports would show a gain or a loss by chance."
        ),
        "变化的区间对全部事项的平均值与第90百分位同时成立：若毫无变化，二十份报告中约有一份会仅因偶然出现变快或变慢。",
    ),
    "matched_heading": (
        "Second sense: which applicants wait longer",
        "第二种含义：哪些申请人等得更久",
    ),
    "matched_intro": (
        (
            "The simulation sends the same applicants through both organisations. A service can get faster on average "
            "while some of "
            "its applicants wait longer; this is the second sense of losing, and the two are not the same."
        ),
        (
            "模拟让同一批申请人分别经历两种组织。某事项平均变快时，仍可能有一部分申请人等得更久；这是“受损”的第二种含义，"
            "与第一种不同。"
        ),
    ),
    "matched_figure": (
        "The same applicants: slower, equal, faster, in %",
        "同一批申请人：更慢、不变、更快（%）",
    ),
    "matched_about": (
        "Shares of the applicants with the same answer in {first} and in {last}; equal is what changes by less than what matters.",
        "在“{first}”与“{last}”中答复相同的申请人所占比例；变化小于有意义的差别者视为不变。",
    ),
    "matched_table": ("The same applicants, %", "同一批申请人（%）"),
    "slower": ("slower", "更慢"),
    "equal": ("equal", "不变"),
    "faster": ("faster", "更快"),
    "any_slower": ("slower to the minute", "逐分钟计更慢"),
    "any_faster": ("faster to the minute", "逐分钟计更快"),
    "matched_none": (
        "The applicants of these configurations were not matched in this run.",
        "本次运行没有对这些方案的申请人逐一配对。",
    ),
    "parts_intro": (
        (
            "Every minute between filing and the end belongs to exactly one of eight parts; together they are the mean "
            "time in clock days of those answered. {unanswered}"
        ),
        "从申报到办结的每一分钟都恰好属于八个部分之一；合计即为已答复者以日历日计的平均时间。{unanswered}",
    ),
    "unanswered": (
        "No answer within {tau}: {shares} in 100.",
        "{tau} 内尚无答复：每 100 人中 {shares} 人。",
    ),
    "parts_largest": (
        "Before the reform the largest part is “{largest}”, with {size}. The part that falls most is “{fallen}”: {fall}.",
        "改革前最大的部分是“{largest}”，{size}；下降最多的是“{fallen}”：{fall}。",
    ),
    "parts_untouched": (
        "{share} of the time before lies in parts that are not shown to fall: {names}.",
        "改革前时间的 {share} 属于未被证实下降的部分：{names}。",
    ),
    "parts_figure": ("The mean time, part by part", "平均时间的构成"),
    "parts_about": (
        "Each bar is the mean time of one configuration in clock days, made of its parts.",
        "每条横条为一个方案的平均时间（日历日），由各部分组成。",
    ),
    "parts_axis": ("clock days", "日历日"),
    "parts_table": ("Mean clock days by part", "各部分的平均日历日"),
    "part": ("part", "部分"),
    "total": ("total", "合计"),
}

EFFECTS = {
    "one_bundle": (
        "There is only one bundle of levers, “{bundle}”, so the whole change is its own.",
        "只有一组措施“{bundle}”，因此全部变化都归于它。",
    ),
    "no_lever": (
        "The scenario has no measure of reform, so there is nothing to divide.",
        "情景中没有改革措施，因此没有可分解的变化。",
    ),
    "attribution_missing": (
        "How much of the change each bundle of levers brings, in every combination, and how much needed the merger.",
        "每组措施在各种组合下各带来多少变化，其中多少须合并才有。",
    ),
    "what_of_whom": (
        "{statistic} of the {measure}, {scope}, {cohort}",
        "{scope}，{cohort}：{measure}（{statistic}）",
    ),
    "attributed": (
        "{sets} sets of levers were simulated, {replications} times each, for the same applicants. What is divided up: {what}. All levers together change it by {total}.",
        "对 {sets} 组措施组合各模拟 {replications} 次，面对同一批申请人。被分解的量：{what}。全部措施合计变化 {total}。",
    ),
    "driver": (
        "The main driver is the bundle “{bundle}”: it ranks first in at least 95 % of resamples.",
        "主要因素是措施组“{bundle}”：在至少 95% 的重抽样中居首。",
    ),
    "driver_none": ("No bundle is shown to be the main driver.", "没有哪一组被证实为主要因素。"),
    "kind_brings": ("{kind}: {size}, {share} of the total", "{kind}：{size}，占合计 {share}"),
    "kinds_bring": (
        "Merger against process, credited evenly for what both could do: {kinds}.",
        "合并与流程两类（两者都能做到的部分平分）：{kinds}。",
    ),
    "bundles_figure": ("What each bundle brings", "各措施组的贡献"),
    "bundles_about": (
        "The Shapley value is what a bundle adds, averaged over all orders in which the bundles may come; the values sum to the total. Alone: with no other measure. Added last: to all the others. Left of zero is faster.",
        "沙普利值为该组在所有先后顺序中增量的平均，各值之和等于合计。单独：没有其他措施；最后加入：在其他措施之上。零线左侧为更快。",
    ),
    "bundles_table": ("Contributions of the bundles", "各措施组的贡献"),
    "shapley": ("Shapley value", "沙普利值"),
    "alone": ("alone", "单独"),
    "added_last": ("added last", "最后加入"),
    "ranks_first": ("ranks first", "居首的比例"),
    "in_percent_of_total": ("% of the total", "占合计（%）"),
    "part_merger": ("{bundle}: its merger part", "{bundle}：其中须合并的部分"),
    "part_process": ("{bundle}: its process part", "{bundle}：其中不须合并的部分"),
    "pairs": ("What pairs of bundles do together", "措施组两两之间的作用"),
    "pairs_table": (
        "Strongest interactions: beyond what each brings by itself",
        "最强的交互作用：超出各自贡献之和的部分",
    ),
    "interaction": ("interaction", "交互"),
    "other_effects": ("{number} other quantities", "另外 {number} 个量"),
    "other_effects_table": (
        "Other quantities, and the bundle that drives each",
        "其他量及其主要因素",
    ),
    "main_driver": ("main driver", "主要因素"),
    "split": ("What the run itself can say", "本次运行已能说明的"),
    "split_table": ("The change of the mean, in two steps", "平均时间的变化分两步"),
    "split_intro": (
        (
            "The process levers are counted first here; a merger that came first might be credited with part of what "
            "both could do. "
            "Attribution over all orders settles that."
        ),
        "此处先计流程措施；若先合并，两者都能做到的部分可能算在合并头上。对所有顺序求平均的归因可以解决这一点。",
    ),
    "stage": ("stage", "步骤"),
    "to_stage": ("{first} to {last}", "从“{first}”到“{last}”"),
    "transition_none": (
        "The run knows no week after the reform day.",
        "本次运行没有改革日之后的周数据。",
    ),
    "weekly_figure": ("Mean time of the cases filed in each week", "每周申报办件的平均办理时间"),
    "weekly_about": (
        "By week of filing, counted from the reform day; with 95 % bands that hold along the whole path.",
        "按申报周（自改革日起）；色带为整条路径同时成立的 95% 置信带。",
    ),
    "week_axis": ("weeks since the reform day", "改革日后的周数"),
    "days_axis": ("clock days", "日历日"),
    "backlog_axis": ("open cases", "在办件数"),
    "backlog_figure": ("Open cases in each week", "每周在办件数"),
    "backlog_about": (
        "Open cases, averaged over the week; with 95 % bands that hold along the whole path.",
        "当周平均在办件数；色带为整条路径同时成立的 95% 置信带。",
    ),
    "months_table": ("By month after the reform day", "改革后逐月"),
    "difference_figure": ("How much each week differs", "每周的差别"),
    "difference_about": (
        (
            "Mean time of the cases filed in a week, {last} less the other; below zero is faster. 95 % bands hold along "
            "the whole path."
        ),
        "当周申报办件的平均时间：“{last}”减去另一方案；零线以下为更快。95% 置信带对整条路径同时成立。",
    ),
    "month": ("month", "月份"),
    "dip_none": (
        "Compared with “{first}”, no month after the reform day is shown to be slower in “{last}”.",
        "与“{first}”相比，“{last}”在改革日后没有哪个月被证实更慢。",
    ),
    "dip_some": (
        (
            "Compared with “{first}”, {number} of {all} months are shown to be slower in “{last}”; the worst is month "
            "{month}: {size}."
        ),
        "与“{first}”相比，“{last}”在 {all} 个月中有 {number} 个月被证实更慢；最差的是第 {month} 个月：{size}。",
    ),
    "payback_at_once": (
        (
            "Compared with “{first}” the days that applicants lose are made up for from the first month on: nothing has to "
            "be paid back."
        ),
        "与“{first}”相比，从第一个月起累计即无损失，不存在需要“收回”的代价。",
    ),
    "payback_date": (
        "Compared with “{first}” the days lost at first are made up for by {date} ({weeks} weeks after the reform day).",
        "与“{first}”相比，起初损失的天数到 {date}（改革日后 {weeks} 周）全部补回。",
    ),
    "payback_never": (
        "Compared with “{first}” the days lost are not made up for by the end of the counted period ({date}).",
        "与“{first}”相比，到统计期结束（{date}）损失的天数仍未补回。",
    ),
    "settled_gain": (
        "In the first three months “{last}” differs from “{first}” by {early}, in the last three by {late}.",
        "头三个月“{last}”与“{first}”相差 {early}，最后三个月相差 {late}。",
    ),
    "staff_busy": (
        (
            "The busiest group works {share} of its time on duty before ({group}); {number} of {all} groups work less than "
            "half of it."
        ),
        "改革前最忙的组（{group}）有 {share} 的在岗时间在办事；{all} 个组中有 {number} 个不到一半。",
    ),
    "staff_figure": ("Share of the time on duty worked, %", "在岗时间中办事的比例（%）"),
    "staff_about": (
        "Minutes worked divided by minutes on duty in the counted period, internal jobs included.",
        "统计期内办事分钟数除以在岗分钟数，含内部事务。",
    ),
    "staff_table": (
        "Posts and share of the time on duty worked, %",
        "岗位数与在岗时间中办事的比例（%）",
    ),
    "group": ("group", "组"),
    "posts_in": ("posts, {name}", "岗位数（{name}）"),
    "worked_in": ("worked, {name}", "办事比例（{name}）"),
    "staff_missing": (
        "How many posts could go with every service’s 90th percentile kept, and how few keep the promise.",
        "在每个事项第90百分位不变的前提下可减少多少岗位，以及守住承诺最少需要多少岗位。",
    ),
    "posts_intro": (
        "Each roster was run with the same applicants; what the search found was judged again on {replications} fresh "
        "replications ({search} in the search; {cohort}).",
        "每种编制都面对同一批申请人；搜索结果在 {replications} 次新的重复上重新检验（搜索时 {search} 次；{cohort}）。",
    ),
    "posts_one": (
        "One at a time, a post could go in {number} of the {all} groups that could lose one, with no service’s 90th "
        "percentile in “{last}” more than {keep} % above “{first}”.",
        "逐一减少时，在可减员的 {all} 个组中有 {number} 个可减一个岗位，且“{last}”中每个事项的第90百分位不比“{first}”高出 {keep}%。",
    ),
    "posts_together": (
        "Posts that could go together: {number}, of {found} that the search tried; the rest is not shown on fresh replications{groups}. Posts that each could go alone are often each other’s reserve.",
        "可同时减少的岗位：{number} 个（搜索提出 {found} 个，其余未能在新的重复上证实{groups}）。单独可减的岗位往往互为后备。",
    ),
    "posts_together_internal": (
        "With internal jobs kept as well: {number}, of {found}{groups}.",
        "若内部事务也不得变慢：{number} 个（提出 {found} 个{groups}）。",
    ),
    "posts_named": (": {groups}", "：{groups}"),
    "promise_kept": (
        "{number} posts keep the promise in {promise} % of the cases of every service that can keep it, in “{name}”; there are {present}.",
        "在“{name}”中，{number} 个岗位即可使每个可守诺的事项有 {promise}% 的办件守住承诺；现有 {present} 个。",
    ),
    "promise_open": (
        "How few posts keep the promise in {promise} % of cases in “{name}” ({present} posts now) was not decided by the fresh replications.",
        "在“{name}”（现有 {present} 个岗位）中，守住 {promise}% 承诺最少需要多少岗位，新的重复未能判定。",
    ),
    "promise_never": (
        "No number of posts keeps the promise in {promise} % of cases in “{name}” ({present} posts now): it is not a question of posts.",
        "在“{name}”（现有 {present} 个岗位）中，无论多少岗位都不能使 {promise}% 的办件守住承诺：这不是人数问题。",
    ),
    "posts_none": ("no post less", "一个岗位也不减"),
    "posts_table": (
        "One post less: {statistic} of the service hit most, “{last}” against “{first}”; kept if at most +{keep} %",
        "减一个岗位：受影响最大的事项的{statistic}，“{last}”对“{first}”；不超过 +{keep}% 即为保持",
    ),
    "posts_beside": (
        "Kept as well, for every service, to within {margin} in 100 of all who filed: the shares granted, refused and gave up, and without an answer yet at the end. Where a share gets better by more, the time must be kept for the same people too.",
        "同时每个事项在全部申请中的获准、不予许可、放弃以及期末尚无答复的比例变差不得超过 {margin} 个百分点；若某一比例好转更多，则时间还须就同一批人保持不变。",
    ),
    "posts_stopped": (
        "No further post goes: {groups}.",
        "不再减岗的原因：{groups}。",
    ),
    "posts_stopped_by": ("{groups}: {why}", "{groups}——{why}"),
    "why_sent_home": (
        "at least {number} in 100 would be sent home ({who}: more work comes than can be done)",
        "每 100 人中至少有 {number} 人会办不成而离开（{who}：来件超过办理能力）",
    ),
    "why_gave_up": (
        "{number} in 100 more give up ({who})",
        "每 100 人中多 {number} 人放弃（{who}）",
    ),
    "why_refused": (
        "{number} in 100 more are refused ({who})",
        "每 100 人中多 {number} 人不予许可（{who}）",
    ),
    "why_granted": (
        "{number} in 100 fewer are granted ({who})",
        "每 100 人中少 {number} 人获准（{who}）",
    ),
    "why_no_answer": (
        "{number} in 100 more have no answer yet at the end ({who})",
        "每 100 人中期末尚无答复的多 {number} 人（{who}）",
    ),
    "why_others": (
        "not the same people: {number} in 100 end better than before, and their time may hide that of the rest ({who})",
        "不是同一批人：每 100 人中有 {number} 人的结局好于从前，其时间可能掩盖其余人的时间（{who}）",
    ),
    "why_maybe_others": (
        "not shown that as many are granted, refused and give up ({who})",
        "未能证实获准、不予许可与放弃的比例不变（{who}）",
    ),
    "why_slower": ("{number} % slower ({who})", "慢 {number}%（{who}）"),
    "why_maybe_slower": ("not shown to be as quick ({who})", "未能证实不变慢（{who}）"),
    "why_fewer_kept": (
        "the promise would be kept in {number} % only ({who})",
        "只有 {number}% 守住承诺（{who}）",
    ),
    "why_unserved": ("{who}", "无人办理（{who}）"),
    "why_unsettled": (
        "queues cannot settle: how much slower, depends on how long one looks",
        "队列不会收敛：慢多少取决于观察多久",
    ),
    "why_nothing": (
        "nothing can be kept: before, nobody was granted anything ({who})",
        "没有可保持的东西：改革前没有一件获准（{who}）",
    ),
    "service_hit": ("service hit most", "受影响最大的事项"),
    "could_go": ("could go", "可减"),
    "could_not_go": ("could not go", "不可减"),
    "is_needed": ("cannot go", "不能减"),
    "not_decided": ("not decided", "未能判定"),
    "staff_posts": ("Posts that could go", "可减少的岗位"),
}

CERTAINTY = {
    "simulation_heading": ("Chance in the simulation", "模拟中的偶然性"),
    "simulation_text": (
        "With {replications} replications the change of the mean time is known to ±{half}. {more}",
        "重复 {replications} 次后，平均时间变化的误差为 ±{half}。{more}",
    ),
    "simulation_unknown": (
        "With one replication there is no interval at all.",
        "只有一次重复时没有任何区间。",
    ),
    "replications_more": (
        "For ±{aim} it would take {number} replications more.",
        "要达到 ±{aim}，还需 {number} 次重复。",
    ),
    "replications_enough": ("That is closer than ±{aim} already.", "已优于 ±{aim}。"),
    "pairing": (
        (
            "Both configurations meet the same applicants, the same effort and the same absences; comparing them pair "
            "by pair makes "
            "the variance of the difference {factor} times smaller than with independent runs."
        ),
        "两个方案面对相同的申请人、工作量与缺勤；成对比较使差值的方差缩小到独立运行时的 1/{factor}。",
    ),
    "parameters_heading": ("What the assumptions do", "假设的影响"),
    "parameters_missing": (
        "In how many possible offices, drawn from the ranges of all assumptions together, each claim holds.",
        "按全部假设的范围共同抽取可能的机构，各主张在其中多少成立。",
    ),
    "worlds_intro": (
        "For {worlds} possible offices all {unknowns} numbers with a range were drawn together, and every office was simulated {low} to {high} times. A claim holds, fails or stays unresolved in an office by its own interval there.",
        "在 {worlds} 个可能的机构中，{unknowns} 个有范围的数字被共同抽取，每个机构模拟 {low} 至 {high} 次。各主张在每个机构中按其自身区间判为成立、不成立或未定。",
    ),
    "over_worlds": (
        "Mean time from “{first}” to “{last}”: a change of {mean} working days on average over possible offices, {low} to {high} in nine of ten. Share of that variance: {leading}.",
        "从“{first}”到“{last}”的平均时间：各可能的机构平均变化 {mean} 个工作日，十个中有九个在 {low} 至 {high} 之间。其变异的构成：{leading}。",
    ),
    "share_of": ("{name} {share} %", "{name} {share}%"),
    "worlds_figure": (
        "Share of possible offices in which each claim holds, %",
        "各主张成立的可能机构比例（%）",
    ),
    "worlds_about": (
        "Marks are shares of the possible offices, bars Wilson's 95 % intervals. A claim is supported where it holds in at least 95 %.",
        "标记为可能机构的比例，横线为 Wilson 95% 区间。在至少 95% 的可能机构成立方为“得到支持”。",
    ),
    "holds_in": ("holds in %", "成立（%）"),
    "three_numbers": (
        "holds / fails / queue without end",
        "成立 / 不成立 / 队列无尽（个）",
    ),
    "unresolved_more": ("{number} not resolved", "另有 {number} 个尚不能判定"),
    "without_known": ("the same if nothing were known", "若不使用已知情况"),
    "of_known": ("about what is known itself: {known}", "涉及已知情况本身：{known}"),
    "worlds_chosen": (
        "Of {tried} offices proposed from the ranges, {worlds} do not contradict what is known of the office before.",
        "按范围提出 {tried} 个机构，其中 {worlds} 个与改革前的已知情况不矛盾。",
    ),
    "known_refused": ("Refused by “{known}”: {number}.", "因“{known}”被排除：{number} 个。"),
    "known_kept": ("Refused none: {known}.", "未排除任何机构：{known}。"),
    "known_settle": ("the queues of the office before settle", "改革前的队列收敛"),
    "moved": ("{name} ({low} to {high})", "{name}（{low} 至 {high}）"),
    "narrowed": (
        "What is known moves these numbers (half of the possible offices lie between): {names}.",
        "已知情况改变了这些数值的分布（半数可能的机构介于其间）：{names}。",
    ),
    "go_together": (
        "These go together over the possible offices, so their effects are one: {names}.",
        "这些数值在可能的机构中同进退，其影响合为一项：{names}。",
    ),
    "idle": (
        "Left out, as they change nothing that was simulated: {names}.",
        "未纳入（不改变任何模拟结果）：{names}。",
    ),
    "what_decides": ("what decides its size", "决定其大小的参数"),
    "fails_where": ("fails where", "不成立的条件"),
    "no_box": ("no simple box", "没有简单的条件"),
    "structure_heading": ("Other ways to build the model", "模型的其他构造"),
    "structure_table": ("The same comparison in other variants", "同一比较在其他变体中的结果"),
    "variant": ("variant", "变体"),
    "as_stated": ("as the file states it", "按文件所述"),
    "structure_missing": (
        "The same comparison in these variants: {variants}.",
        "以下变体中的同一比较：{variants}。",
    ),
    "structure_none": ("The scenario declares no variant.", "情景文件没有声明变体。"),
    "inputs_intro": (
        (
            "{all} numbers are stated in the file; {ranged} have a range, {assumed} are marked as assumptions, "
            "{unsourced} state no source. "
            "{defaults} keys are left out, and a default holds. Paths are as in the file."
        ),
        (
            "文件中共有 {all} 个数字：{ranged} 个有取值范围，{assumed} 个标为假设，{unsourced} 个未写来源；另有 {defaults} "
            "个键省略而取默认值。路径与文件一致。"
        ),
    ),
    "inputs_of": ("{section}: {number} numbers", "{section}：{number} 个数字"),
    "inputs_table": ("Inputs of the section {section}", "{section} 部分的输入"),
    "input": ("input", "输入"),
    "value": ("value", "取值"),
    "range_of": ("range", "范围"),
    "drawn_loguniform": ("even on a log scale", "按对数均匀"),
    "drawn_triangular": ("most likely as stated", "以所列值最可能"),
    "unit": ("unit", "单位"),
    "source": ("source", "来源"),
    "assumption": ("assumption", "假设"),
    "no_source": ("no source stated", "未写来源"),
    "sources_of": (
        "Sources: {number} notes at the end of the file",
        "来源：文件末尾的 {number} 条注",
    ),
    "defaults_of": (
        "Defaults: {number} keys that the file leaves out",
        "默认值：文件省略的 {number} 个键",
    ),
    "defaults_table": ("What holds where the file says nothing", "文件未写时的取值"),
    "key": ("key", "键"),
    "checklist_intro": (
        (
            "The 24 items in six groups of Monks et al. (2019), Journal of Simulation 13(1), 55–67. The status is "
            "computed from the "
            "scenario and the run, not declared: {full} are answered, {partly} partly, {empty} are empty."
        ),
        (
            "依据 Monks 等（2019），Journal of Simulation 13(1)，55–67 的六组24项。状态由情景与运行计算得出，而非自行申报："
            "{full} 项已答，{partly} 项部分，{empty} 项空缺。"
        ),
    ),
    "checklist_empty": ("Empty: {items}.", "空缺：{items}。"),
    "checklist_no_empty": ("No item is empty.", "没有空缺项。"),
    "checklist_table": ("The items and where they are answered", "各项及其回答之处"),
    "item": ("item", "项目"),
    "status": ("status", "状态"),
    "answer": ("answer", "回答"),
    "status_full": ("answered", "已答"),
    "status_partly": ("partly", "部分"),
    "status_empty": ("empty", "空缺"),
    "provenance_table": ("What made this report", "本报告由何而来"),
    "again": ("To do it again", "复现方法"),
    "again_text": (
        "The same scenario, seed and version give the same numbers, on any number of threads.",
        "相同的情景、随机种子和版本，无论用多少线程，都得到相同的数字。",
    ),
    "claims_hash_same": (
        "The claims are those declared before the run.",
        "主张与运行前声明的一致。",
    ),
    "claims_hash_other": (
        "The claims in the file were changed after this run.",
        "文件中的主张在本次运行之后被修改过。",
    ),
}
