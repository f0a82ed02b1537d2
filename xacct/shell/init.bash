# Shell integration of xacct for bash 5. In ~/.bashrc:
#
#     eval "$(xacct init bash)"
#
# `xacct switch` and `xacct drop` then change this shell, credentials of a role are renewed at the
# prompt before they end, and TAB completes subcommands, options and roles. A quarter of an
# hour before the role itself ends, by its `hours` for example, the prompt says so, and says it once
# more when it has ended.
#
# XACCT_PROMPT holds the role and the time that its credentials have left, as [client-a-audit 42m],
# or nothing; it is worked out before each prompt. For whoever wants to see it:
#
#     PS1='${XACCT_PROMPT:+$XACCT_PROMPT }'$PS1
#
# The function xacct_prompt prints the same.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

# What the current credentials are, as _xacct_plan last saw them, when they end (or nothing), and
# when to ask for others. Instants are seconds since 1970.
_xacct_seen='' _xacct_key='' _xacct_end='' _xacct_renew_at=0 _xacct_told=0
# The role and its own end, when that is (or nothing), and when to say something of it.
_xacct_until_seen='' _xacct_until='' _xacct_warn_at=0

function xacct {
    local _xacct_at
    if _xacct_changes_the_shell "$@"; then
        _xacct_change "$@"
    else
        command xacct "$@"
    fi
}

# Whether the text that the command prints for these arguments is for this shell to run. Only with
# options that are known to leave it so: --help, --shell and what is not known are the user's.
# _xacct_at is then the place of the subcommand.
_xacct_changes_the_shell() {
    local _xacct_word
    _xacct_at=1
    while [[ ${1-} == --socket* ]]; do
        [[ $1 == --socket && $# -gt 1 ]] && shift && _xacct_at=$((_xacct_at + 1))
        shift
        _xacct_at=$((_xacct_at + 1))
    done
    [[ ${1-} == switch || ${1-} == drop ]] || return 1
    for _xacct_word in "${@:2}"; do
        case $_xacct_word in
        --fresh | --min-life | --min-life=* | --) ;;
        -*) return 1 ;;
        esac
    done
}

_xacct_change() {
    # No trace of a secret under `set -x`.
    local -
    set +aeux
    local _xacct_text _xacct_now
    _xacct_text=$(command xacct "${@:1:_xacct_at}" --shell sh "${@:_xacct_at+1}") || return
    eval "$_xacct_text" || return
    printf -v _xacct_now '%(%s)T' -1
    _xacct_plan renewed
}

# Before each prompt. Starts no process unless credentials are to be renewed, and keeps $?.
_xacct_hook() {
    local _xacct_status=$?
    local - IFS=$' \t\n'
    set +aeux
    local _xacct_now
    printf -v _xacct_now '%(%s)T' -1
    [[ "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" == "$_xacct_seen" ]] || _xacct_plan
    # Keys that somebody has put in place of ours are not overwritten.
    if ((_xacct_now >= _xacct_renew_at)) && [[ $AWS_ACCESS_KEY_ID == "$_xacct_key" ]]; then
        _xacct_renew
    fi
    ((_xacct_now >= _xacct_warn_at)) && _xacct_warn
    _xacct_describe
    return "$_xacct_status"
}

# Notes the current credentials and plans their renewal: when a third of their life is left, but
# not earlier than 15 minutes before the end. How long ones that were not got here have lived is not
# known: with less than 5 minutes left they are renewed at once. Wants _xacct_now.
_xacct_plan() {
    local _xacct_lead _xacct_instant
    _xacct_seen="$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL"
    [[ "$XACCT_ROLE $XACCT_UNTIL" == "$_xacct_until_seen" ]] || _xacct_plan_warning
    _xacct_key=$AWS_ACCESS_KEY_ID
    _xacct_told=0
    _xacct_renew_at=$((_xacct_now + 1000000000))
    _xacct_read_instant "$AWS_CREDENTIAL_EXPIRATION"
    _xacct_end=$_xacct_instant
    [[ $XACCT_ROLE && $_xacct_end ]] || return 0
    _xacct_lead=$(((_xacct_end - _xacct_now) / 3))
    if [[ ${1-} != renewed ]] && ((_xacct_lead < 100)); then
        _xacct_renew_at=$_xacct_now
    else
        _xacct_renew_at=$((_xacct_end - (_xacct_lead > 900 ? 900 : _xacct_lead)))
    fi
}

# Notes when the role itself ends, where XACCT_UNTIL tells, and plans the warning: 15 minutes
# before. It is not called for the same role and end again.
_xacct_plan_warning() {
    _xacct_until_seen="$XACCT_ROLE $XACCT_UNTIL"
    _xacct_warn_at=$((_xacct_now + 1000000000))
    _xacct_read_instant "$XACCT_UNTIL"
    _xacct_until=$_xacct_instant
    [[ $XACCT_ROLE && $_xacct_until ]] && _xacct_warn_at=$((_xacct_until - 900))
}

# Sets _xacct_instant from a text as 2027-03-31T21:59:59Z, and to nothing from any other. A year
# begins in March here, so that the leap day is its last.
_xacct_read_instant() {
    local _xacct_year _xacct_month _xacct_days _xacct_text=$1
    local _xacct_date='[0-9][0-9][0-9][0-9]-@(0[1-9]|1[0-2])-@(0[1-9]|[12][0-9]|3[01])'
    local _xacct_time='@([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
    _xacct_instant=
    # shellcheck disable=SC2053 # They are patterns.
    [[ $_xacct_text == ${_xacct_date}T${_xacct_time}Z ]] || return 0
    _xacct_month=$(((10#${_xacct_text:5:2} + 9) % 12))
    _xacct_year=$((10#${_xacct_text:0:4} - (_xacct_month > 9)))
    _xacct_days=$((_xacct_year * 365 + _xacct_year / 4 - _xacct_year / 100 + _xacct_year / 400 +
        (153 * _xacct_month + 2) / 5 + 10#${_xacct_text:8:2} - 719469))
    _xacct_instant=$((_xacct_days * 86400 + 10#${_xacct_text:11:2} * 3600 +
        10#${_xacct_text:14:2} * 60 + 10#${_xacct_text:17:2}))
}

# Asks for the role's credentials anew. What fails is said when it fails first and once more when
# the old ones have ended; they stay, as without them a program would find others, of another file
# or of this host, and act for somebody else. A region or profile chosen meanwhile stays too.
_xacct_renew() {
    local _xacct_text _xacct_before=$_xacct_end _xacct_ended _xacct_tell _xacct_name _xacct_kept=()
    # Set before asking, so that it holds however this ends.
    _xacct_renew_at=$((_xacct_now + 60))
    _xacct_ended=$((_xacct_now >= _xacct_end))
    _xacct_tell=$((_xacct_told < 1 + _xacct_ended))
    _xacct_told=$((1 + _xacct_ended))
    # Where the role itself ends or has ended, _xacct_warn says it.
    if [[ $_xacct_until ]] && ((_xacct_now >= _xacct_until - (_xacct_ended ? 0 : 900))); then
        _xacct_tell=0
    fi
    if ((_xacct_tell)); then
        _xacct_text=$(command xacct env --purpose renew --shell sh </dev/null)
    else
        _xacct_text=$(command xacct env --purpose renew --shell sh </dev/null 2>/dev/null)
    fi || return 0
    for _xacct_name in AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_DEFAULT_PROFILE; do
        [[ -v $_xacct_name ]] && _xacct_kept+=("$_xacct_name=${!_xacct_name}")
    done
    eval "$_xacct_text"
    ((${#_xacct_kept[@]})) && export "${_xacct_kept[@]}"
    printf -v _xacct_now '%(%s)T' -1
    _xacct_plan renewed
    if [[ $_xacct_end == "$_xacct_before" ]] && ((_xacct_renew_at < _xacct_now + 60)); then
        _xacct_renew_at=$((_xacct_now + 60))
    fi
}

# Says that the role ends, and another time that it has ended.
_xacct_warn() {
    local _xacct_left=$((_xacct_until - _xacct_now)) _xacct_when
    printf -v _xacct_when '%(%Y-%m-%d %H:%M %Z)T' "$_xacct_until"
    if ((_xacct_left <= 0)); then
        _xacct_warn_at=$((_xacct_now + 1000000000))
        printf 'xacct: role %s ended at %s: xacct status says whether it is yours again\n' \
            "$XACCT_ROLE" "$_xacct_when" >&2
        return
    fi
    _xacct_warn_at=$_xacct_until
    if ((_xacct_left < 60)); then
        _xacct_left="$_xacct_left s"
    else
        _xacct_left="$((_xacct_left / 60)) min"
    fi
    printf 'xacct: role %s ends at %s, in %s: save your work; xacct status says more\n' \
        "$XACCT_ROLE" "$_xacct_when" "$_xacct_left" >&2
}

_xacct_describe() {
    local _xacct_left=''
    XACCT_PROMPT=
    [[ $XACCT_ROLE ]] || return 0
    if [[ $_xacct_end ]]; then
        _xacct_left=$((_xacct_end - _xacct_now))
        if ((_xacct_left <= 0)); then
            _xacct_left=' expired'
        elif ((_xacct_left < 60)); then
            _xacct_left=" ${_xacct_left}s"
        elif ((_xacct_left < 3600)); then
            _xacct_left=" $((_xacct_left / 60))m"
        else
            printf -v _xacct_left ' %dh%02dm' $((_xacct_left / 3600)) $((_xacct_left % 3600 / 60))
        fi
    fi
    XACCT_PROMPT="[$XACCT_ROLE$_xacct_left]"
}

xacct_prompt() {
    local _xacct_status=$?
    local - XACCT_PROMPT
    set +aeux
    local _xacct_now
    printf -v _xacct_now '%(%s)T' -1
    [[ "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" == "$_xacct_seen" ]] || _xacct_plan
    _xacct_describe
    printf %s "$XACCT_PROMPT"
    return "$_xacct_status"
}

# Works on the line itself, as readline takes words apart at the `=` and `@` that roles may hold.
_xacct_complete() {
    local - IFS=$' \t\n'
    set +eu
    local line=${COMP_LINE:0:COMP_POINT} words word before prefix='' kept candidate candidates=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    words=("${words[@]:1}")
    while ((${#words[@]} > 1)) && [[ ${words[0]} == --socket* ]]; do
        [[ ${words[0]} == --socket ]] && words=("${words[@]:1}")
        words=("${words[@]:1}")
    done
    word=${words[-1]} before=${words[*]: -2:1}
    if [[ " ${words[*]:1:${#words[@]}-2} " == *' -- '* ]]; then
        # The command that is to run under the role.
        compopt -o default
        [[ $before == -- ]] && mapfile -t COMPREPLY < <(compgen -c -- "$word")
        return
    fi
    if [[ $word == --*=* ]]; then
        before=${word%%=*} prefix=${word%%=*}=
        words[-1]=${word#*=}
    fi
    case ${words[0]}:$before in
    *:--shell) candidates=(sh fish json dotenv) ;;
    *:--min-life) ;;
    init:init) candidates=(bash zsh fish) ;;
    *) mapfile -t candidates < <(command xacct complete "${words[@]}" 2>/dev/null) ;;
    esac
    # What readline keeps of the word, as it begins a new one after each of these, or with an @.
    kept=${word%"${word##*["$COMP_WORDBREAKS"]}"}
    kept=${kept%@}
    COMPREPLY=()
    for candidate in "${candidates[@]}"; do
        candidate=$prefix$candidate
        # The command also names the roles of an account that begins so: they take the word's place.
        [[ $candidate == "$word"* || ( -z $kept && $before != --shell && $before != init ) ]] ||
            continue
        candidate=${candidate#"$kept"}
        [[ $candidate == *[!A-Za-z0-9_+=,.@:/-]* ]] && printf -v candidate %q "$candidate"
        COMPREPLY+=("$candidate")
    done
}

complete -F _xacct_complete xacct

# First, so that what comes after it may use XACCT_PROMPT: before a string, or an array's first.
# Where somebody exports it, other shells without us get it too, and find nothing to run there. In a
# list, as $? other than 0 would end a shell under `set -e` otherwise.
if [[ ${PROMPT_COMMAND-} != *_xacct_hook* ]]; then
    # shellcheck disable=SC2016 # It is for the prompt to expand.
    printf -v PROMPT_COMMAND '%s\n%s' '${_xacct_seen+_xacct_hook} && :' "${PROMPT_COMMAND-}"
fi
