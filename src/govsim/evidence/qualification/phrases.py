"""What qualifies a number, in English and Chinese: the declared kinds, the most serious first.

In braces stand names of a qualification's numbers and names, with how they are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Phrase(NamedTuple):
    """A sentence in both languages; `of` is what it qualifies."""

    # a configuration, change, quantity, claim, pool; or all verdicts, worlds, attribution, staffing
    of: str
    en: str
    zh: str


SEATS = "{who:row}: {load:whole} of the {what} "
ZH_SEATS = "{who:row}：需要{what}的 {load:whole}"
NOT_SAME = (
    "Not the same people: {whom} {change} (in 100 of all who filed, first {first}; then {then}).",
    "不是同一批人：{whom}为{change}（每 100 名申报人：先为{first}；后为{then}）。",
)

PHRASES: Mapping[str, Phrase] = {
    # nothing can be said of it
    "claims_changed": Phrase(
        "verdicts",
        "CLAIMS WERE CHANGED after the run was made: {claims:row}. They are judged here as they "
        "were declared before it",
        "注意：以下主张在运行之后被改动：{claims:row}；此处按运行前声明的判定",
    ),
    "claims_gone": Phrase(
        "verdicts",
        "claims: as kept when the run was made; the file cannot be read any more: {file}",
        "主张取自运行时保存的文本；情景文件现已无法读取：{file}",
    ),
    "nobody_followed": Phrase(
        "quantity",
        "Nobody is followed: the horizon lies on the last day that is counted. Set `horizon` as "
        "many days behind `count_until` as answers take.",
        "无人被跟踪：终止日即为最后统计日。请把 horizon 设在 count_until 之后足够多天。",
    ),
    "reform_breaks_the_queue": Phrase(
        "claim",
        "The reform breaks the queue: more work comes than can be done in {where}, so times grow "
        "without end there, however short they look in a finite run.",
        "改革使队列不再收敛：{where}的工作量超过办理能力，时间将无限增长，"
        "无论有限的运行中看来多短。",
    ),
    "queues_cannot_settle": Phrase(
        "claim",
        "More work comes than can be done in {where}: a time there says how long one looked. To "
        "decide, give the configuration the staff, or the seats, for the work that comes.",
        "{where}的工作量超过办理能力：那里的时间取决于统计多久。须先配足人员或会议席位方可判定。",
    ),
    "more_work": Phrase(
        "configuration",
        "more work comes than can be done in {name:id} ({who:row}): times say how long one "
        "looked, so no percentages{growth}",
        "{name:id}的工作量超过办理能力（{who:row}）：时间取决于统计多久，因此不给百分比{growth}",
    ),
    "pool_cannot_settle": Phrase(
        "pool",
        "{name:id}: " + SEATS + "are needed for the work that comes; the queue cannot settle",
        "{name:id}：" + ZH_SEATS + "才能办理到来的工作；队列不会收敛",
    ),
    "nobody_there": Phrase(
        "pool",
        "{name:id}: {who:row}: {none} for the work that comes; the queue cannot settle",
        "{name:id}：{who:row}：到来的工作{none}；队列不会收敛",
    ),
    "applicants_must_leave": Phrase(
        "pool",
        "{name:id}: " + SEATS + "are asked for; at least {undone:.0f} % of the work cannot be "
        "done, so applicants give up",
        "{name:id}：" + ZH_SEATS + "；至少 {undone:.0f}% 的工作无法办理，申请人因此放弃",
    ),
    "settles_by_leavers_only": Phrase(
        "pool",
        "{name:id}: " + SEATS + "are asked for; {undone:.0f} % of the work cannot be done unless "
        "applicants give up before they come here, and the queue cannot settle",
        "{name:id}：" + ZH_SEATS + "；除非申请人在到达此处之前放弃，否则 {undone:.0f}% "
        "的工作无法办理，队列不会收敛",
    ),
    # not the same people
    "not_the_same_people": Phrase(
        "change",
        "not the same people from {first:id} to {last:id} ({moved:moved} of all who filed): a "
        "change of times is also one of who is in them",
        "从{first:id}到{last:id}不是同一批人（占全部申报人：{moved:moved}）："
        "时间的变化也包含人的变化",
    ),
    "not_among_the_same": Phrase("quantity", *NOT_SAME),
    "not_at_the_limit": Phrase("quantity", *NOT_SAME),
    "mean_may_turn": Phrase(
        "quantity",
        "It is the mean of the first {tau:.0f} {unit}, and turns if the {more:in_100} in 100 more "
        "who had no answer in {tau:.0f} {unit} take longer than {turning:.0f} {unit} on average.",
        "所计为前 {tau:.0f}{unit}的均值；若多出的每 100 人中 {more:in_100} 名在此期间尚无答复者"
        "平均超过 {turning:.0f}{unit}，结论即翻转。",
    ),
    "mean_is_larger": Phrase(
        "quantity",
        "It is the mean of the first {tau:.0f} {unit}: {open:in_100} in 100 had no answer yet by "
        "then, so the mean of all is larger, by how much is not known.",
        "所计为前 {tau:.0f}{unit}的均值：届时每 100 人中 {open:in_100} 人尚无答复，"
        "全部的均值更大，大多少不可知。",
    ),
    "promise_not_yet_known": Phrase(
        "quantity",
        "Of some it is not yet known whether the promise is kept; if for all of them it turned out "
        "as best, or worst, for the claim, it would be {change}.",
        "部分办件是否履约尚不可知；若全部按对主张最有利或最不利的结果计，则为{change}。",
    ),
    "true_of_who_stayed": Phrase(
        "quantity",
        "True of those who stayed ({stayed:in_100} in 100 of all who filed); with those who gave "
        "up as not answered it is {change}.",
        "仅对留下的人成立（占全部申报人每 100 人中的 {stayed:in_100} 人）；"
        "放弃者按未答复计，为{change}。",
    ),
    # who loses
    "services_lose": Phrase(
        "quantity",
        "Warning: {what} gets worse for {number} of all services: {services}.",
        "警告：全部事项中有 {number} 个的{what}变差：{services}。",
    ),
    "fare_worse": Phrase(
        "quantity",
        "By their end {worse:in_100} in 100 fare worse, {better:in_100} in 100 better.",
        "就结局而言，每 100 人中 {worse:in_100} 人变差，{better:in_100} 人变好。",
    ),
    "slowest_fare_worse": Phrase(
        "claim",
        "Warning: {what} does not look at the slowest {share:.3g} in 100, who fare worse: their "
        "mean goes {change}.",
        "注意：{what}不反映最慢的每 100 人中 {share:.3g} 人，而他们变差：其均值{change}。",
    ),
    "mean_gets_worse": Phrase(
        "claim",
        "Warning: {what} holds, but the mean gets worse: {change}.",
        "注意：{what}成立，但均值变差：{change}。",
    ),
    "refusals_come_sooner": Phrase(
        "claim",
        "Part of the gain is refusals that come sooner; of those granted in both, {what} goes "
        "{change}.",
        "部分改善来自更早的不予许可：前后均获准予者的{what}{change}。",
    ),
    "otherwise_of_others": Phrase(
        "claim",
        "Warning: otherwise of {who}: {state}.",
        "注意：{who}的则不同：{state}。",
    ),
    "promise_redefined": Phrase(
        "claim",
        "Warning: the reform changes what is promised, or when a clock runs, not only what is "
        "done: {levers}. How long people wait is told by the cycle time.",
        "注意：改革改变了承诺或计时的规则，而不只是办理本身：{levers}。"
        "申请人等待多久须看办理时长。",
    ),
    # of whom it is true
    "no_answer_yet": Phrase(
        "configuration",
        "{open:percent} of all who filed had no answer yet in {name:id} within {tau:g} {unit}: "
        "means are of the first {tau:g}",
        "{name:id}中全部申报人有 {open:percent} 在 {tau:g}{unit}内尚无答复：均值只计前 {tau:g}",
    ),
    "no_answer_by_service": Phrase(
        "configuration",
        "no answer yet in {name:id}: {open:percent} of all who filed ({services:percents})",
        "{name:id}中尚无答复：全部申报人的 {open:percent}（{services:percents}）",
    ),
    "gave_up": Phrase(
        "configuration",
        "times in {name:id} are of those who stayed: {stayed:percent} of all who filed",
        "{name:id}的时间只计留下的人：占全部申报人的 {stayed:percent}",
    ),
    "mean_of_the_first": Phrase(
        "quantity",
        "It is the mean of the first {tau:.0f} {unit}: no answer yet by then had {open:by} in 100.",
        "所计为前 {tau:.0f}{unit}的均值：届时尚无答复者每 100 人中{open:by}人。",
    ),
    "of_who_stayed": Phrase(
        "quantity",
        "It is of those who stayed: {stayed:by} in 100 of all who filed.",
        "所计为未放弃者：占全部申报人每 100 人中{stayed:by}人。",
    ),
    "stay_away": Phrase(
        "quantity",
        "{away:in_100} in 100 of those who filed first do not file then, and are left out here.",
        "先前申报者中每 100 人有 {away:in_100} 人后来不再申报，此处不计。",
    ),
    # what was measured
    "hardly_idle": Phrase(
        "configuration",
        "hardly any time on duty is left in {name:id} ({groups:percents} worked): queues may "
        "never settle, so no percentages",
        "{name:id}几乎没有空闲的在岗时间（{groups:percents} 在忙）：队列可能不收敛，因此不给百分比",
    ),
    "queue_is_left": Phrase(
        "pool",
        "{name:id}: " + SEATS + "are asked for; a queue is left at the end of the counted period",
        "{name:id}：" + ZH_SEATS + "；统计期末仍有排队",
    ),
    "queue_over_the_season": Phrase(
        "pool",
        "{name:id}: {who:row}: {load:whole} of the {what}, but {worst} 13 weeks: a queue "
        "lasts over the season",
        "{name:id}：{who:row}：{what}的 {load:whole}，但其中 13 周为{worst}：整季都有排队",
    ),
    "warm_up": Phrase(
        "claim",
        "The warm-up is too short: before the reform the backlog still grows within the counted "
        "period, so what is counted depends on when counting begins.",
        "预热期太短：改革前的积压在统计期内仍在增长，结果取决于从何时开始统计。",
    ),
    "too_few_replications": Phrase(
        "quantity",
        "Fewer than {least} replications show nothing.",
        "少于 {least} 次重复不足以判定。",
    ),
    "too_few_cases": Phrase(
        "quantity",
        "Fewer than {least} cases, or {beyond} beyond a quantile, show nothing.",
        "办件少于 {least} 件，或超过分位数的少于 {beyond} 件，不足以判定。",
    ),
    "no_interval": Phrase("quantity", "too few cases for an interval", "办件太少，无法给出区间"),
    "percent_of_zero": Phrase(
        "quantity",
        "the level before may be zero",
        "改革前的水平可能为零，无法计算百分比",
    ),
    "no_size": Phrase(
        "quantity",
        "better by more the longer one looks, as queues cannot settle before",
        "改革前队列不会收敛，统计越久改善越大，不给幅度",
    ),
    "no_percentage": Phrase(
        "claim",
        "A percentage of it has no meaning; the claim would have to be stated in its own unit.",
        "其百分比没有意义；应以其本身的单位提出主张。",
    ),
    "no_session": Phrase(
        "pool",
        "{name:id}: {who:row}: no session is held in the counted period",
        "{name:id}：{who:row}：统计期内没有场次",
    ),
    "long_queues": Phrase(
        "pool",
        "{name:id}: {who:row}: {load:whole} of the {what}; queues will be long",
        "{name:id}：{who:row}：{what}的 {load:whole}；排队会很长",
    ),
    "nobody_of_a_service": Phrase(
        "configuration",
        "nobody who stayed in {name:id} of {services:lacking}: a mix leaves such a service out "
        "there",
        "{name:id}中无人留到最后的事项：{services:lacking}；合计在此不含该事项",
    ),
    "left_out_of_the_mix": Phrase(
        "change",
        "left out of the mix, as nobody has a number in some configuration: {services:row}",
        "某个方案中无人有此数值，合计不含：{services:row}",
    ),
    "not_matched": Phrase(
        "change",
        "the same applicants: {first:id} and {last:id} were not matched case by case in this run",
        "同一批申请人：本次运行没有将{first:id}与{last:id}逐件对应",
    ),
    "unequal_posts": Phrase(
        "change",
        "posts: {posts:numbers} (unequal: part of any change is the staff)",
        "编制：{posts:numbers}（不相等：变化中有一部分来自人员）",
    ),
    # other possible offices
    "worlds_not_explored": Phrase(
        "claim",
        "It holds with all numbers as stated. Whether it does where the assumptions are off was "
        "not explored; run: {command}",
        "在各数值取所述值时成立；假设有偏差时是否成立尚未检验，请运行：{command}",
    ),
    "refuted_as_stated": Phrase(
        "claim",
        "It fails with all numbers as stated; whether it holds in other possible offices was not "
        "explored; run: {command}",
        "在各数值取所述值时不成立；在其他可能的机构中是否成立尚未检验，请运行：{command}",
    ),
    "fewer_than_64": Phrase(
        "claim",
        "Fewer than 64 possible offices decide nothing.",
        "可能的机构少于 64 个，不足以判定。",
    ),
    "fewer_than_256": Phrase(
        "claim",
        "A verdict needs 256 possible offices.",
        "判定需要 256 个可能的机构。",
    ),
    "fewer_than_one_in_ten": Phrase(
        "claim",
        "Warning: fewer than one in ten of the offices that were drawn could exist.",
        "警告：抽取的机构中可能存在的不到十分之一。",
    ),
    "about_what_is_known": Phrase(
        "claim",
        "It is about what is known itself ({known:row}), by which the offices were chosen.",
        "该主张涉及已知情况本身（{known:row}），这些机构正是据此选取的。",
    ),
    "worlds_decide_nothing": Phrase(
        "worlds",
        "fewer than {least} possible offices: they decide nothing",
        "可能的机构少于 {least} 个：不足以判定",
    ),
    "worlds_are_a_preview": Phrase(
        "worlds",
        "a preview: a verdict needs {least} possible offices",
        "仅为预览：判定需要 {least} 个可能的机构",
    ),
    "worlds_are_scarce": Phrase(
        "worlds",
        "fewer than one office in ten could exist ({worlds} of {tried} proposed): the ranges and "
        "what is known hardly agree, and every share rests on few",
        "可能存在的机构不到十分之一（提出 {tried} 个中的 {worlds} 个）："
        "范围与已知情况几乎不相容，各比例仅依据很少的机构",
    ),
    "worlds_cannot_settle": Phrase(
        "worlds",
        "in {piling} of {worlds} possible offices queues cannot settle in some configuration (more "
        "work comes than can be done): there a change says how long one looked, so effects on the "
        "mix are told of the other offices",
        "在 {worlds} 个可能的机构中，有 {piling} 个的某个方案队列不会收敛（工作量超过办理能力）："
        "那里的变化取决于统计多久，因此对合计的影响只计其余机构",
    ),
    "settling_not_shown": Phrase(
        "worlds",
        "settling not shown in {strained} more: cases are left open or groups always busy",
        "另有 {strained} 个未显示队列收敛：有办件未答复，或有组始终在忙",
    ),
    "claim_unresolved": Phrase(
        "worlds",
        "{name:id}: {share:whole} of the possible offices are unresolved after {replications} "
        "replications; it may hold in {least} to {most} of {worlds}",
        "{name:id}：经 {replications} 次重复仍有 {share:whole} 的机构未能判定；"
        "{worlds} 个中可能有 {least} 至 {most} 个成立",
    ),
    "claims_of_other_configurations": Phrase(
        "worlds",
        "not judged, as they compare other configurations: {claims:row}",
        "未判定，因其比较的是其他方案：{claims:row}",
    ),
    "claims_of_staffing": Phrase(
        "worlds",
        "not judged in possible offices, as they ask for a search over staffing: {claims:row}",
        "未在可能的机构中判定，因其需要编制搜索：{claims:row}",
    ),
    # whose doing, and posts
    "other_levers": Phrase(
        "attribution",
        "{bundle}, which no bundle asked for has: {levers:row}",
        "{bundle}，不属于所问的任何一组：{levers:row}",
    ),
    "levers_cannot_work_apart": Phrase(
        "attribution",
        "some levers of one kind cannot work without those of the other: what they do apart is "
        "left out",
        "某一类措施中有的离开另一类就无法起作用：其单独的作用未列出",
    ),
    "staff_in_the_change": Phrase(
        "attribution",
        "posts: {before} before, {after} after; part of any change is the staff",
        "编制：改革前 {before}，改革后 {after}；变化中有一部分来自人员",
    ),
    "as_many_as_the_run": Phrase(
        "attribution",
        "{number} replications, as many as the run has; the scenario states {stated}",
        "{number} 次重复，与本次运行相同；情景文件要求 {stated} 次",
    ),
    "nothing_granted": Phrase(
        "staffing",
        "nothing of {services:row} was granted in {name:id}: nothing can be kept, and no post is "
        "called free",
        "{name:id}中{services:row}没有一件获准：没有可保持的东西，不能说有岗位可减",
    ),
    "refuted_with_all_posts": Phrase(
        "staffing",
        "{last:id} against {first:id}, with all posts: {why}; no post could go",
        "{last:id}与{first:id}相比，编制不变时：{why}；没有编制可以减少",
    ),
    "internal_jobs_slower": Phrase(
        "staffing",
        "internal jobs slow down, although no service does, with a post less in: {groups:row}",
        "下列组减少一个编制时，事项不变慢，但内部事务变慢：{groups:row}",
    ),
    "internal_jobs_pay": Phrase(
        "staffing",
        "what goes together is paid for by internal jobs: {worst} %",
        "同时减少的编制由内部事务承担：{worst}%",
    ),
    "internal_jobs_not_asked": Phrase(
        "staffing",
        "how few posts keep the promise asks nothing of internal jobs, but that their queues can "
        "settle",
        "最少多少编制可以守住承诺，对内部事务只要求其队列收敛",
    ),
    "filed_before_the_reform": Phrase(
        "staffing",
        "the cohort counts filings before the reform day, when every post was still there",
        "该批次包含改革日之前的申报，当时编制尚未减少",
    ),
    "posts_as_stated": Phrase(
        "claim",
        "The staffing study takes all numbers as stated; other possible offices are not part of "
        "it.",
        "编制研究按所述数值进行，不含其他可能的机构。",
    ),
    "need_before_not_shown": Phrase(
        "claim",
        "It sets fewer posts after the reform against all posts before it, and does not show that "
        "the posts were needed then.",
        "它以改革后减少编制与改革前的全部编制相比，并不说明这些编制在改革前是必需的。",
    ),
    "search_is_greedy": Phrase(
        "staffing",
        "the search is greedy: another set of as many or more posts may do as well",
        "搜索是逐步进行的：另一组同样多或更多的编制或许同样可行",
    ),
}
