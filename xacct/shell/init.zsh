# Shell integration of xacct for zsh 5. In ~/.zshrc:
#
#     eval "$(xacct init zsh)"
#
# `xacct switch` and `xacct drop` then change this shell, credentials of a role are renewed at the
# prompt before they end, and TAB completes subcommands, options and roles once compinit was run.
# A quarter of an hour before the role itself ends, by its `hours` for example, the prompt says so,
# and says it once more when it has ended.
#
# XACCT_PROMPT holds the role and the time that its credentials have left, as [client-a-audit 42m],
# or nothing; it is worked out before each prompt. For whoever wants to see it:
#
#     setopt prompt_subst
#     PROMPT='${XACCT_PROMPT:+$XACCT_PROMPT }'$PROMPT
#
# The function xacct_prompt prints the same.
#
# SPDX-License-Identifier: BSD-2-Clause

zmodload -F zsh/datetime p:EPOCHSECONDS b:strftime

# What the current credentials are, as _xacct_plan last saw them, when they end (or nothing), and
# when to ask for others. Instants are seconds since 1970.
typeset -g _xacct_seen= _xacct_key= _xacct_end=
typeset -gi _xacct_renew_at=0 _xacct_told=0 _xacct_completes=0
# The role and its own end, when that is (or nothing), and when to say something of it.
typeset -g _xacct_until_seen= _xacct_until=
typeset -gi _xacct_warn_at=0

function xacct {
    local -i _xacct_at=1
    if _xacct_changes_the_shell "$@"; then
        _xacct_change "$@"
    else
        command xacct "$@"
    fi
}

# Whether the text that the command prints for these arguments is for this shell to run. Only with
# options that are known to leave it so: --help, --shell and what is not known are the user's.
# _xacct_at is then the place of the subcommand.
function _xacct_changes_the_shell {
    emulate -L zsh
    setopt no_xtrace no_err_exit no_err_return
    local _xacct_word
    while [[ $1 == --socket* ]]; do
        [[ $1 == --socket && $# -gt 1 ]] && shift && (( _xacct_at += 1 ))
        shift
        (( _xacct_at += 1 ))
    done
    [[ $1 == (switch|drop) ]] || return 1
    for _xacct_word in "${@:2}"; do
        [[ $_xacct_word == (--fresh|--min-life(|=*)|--|[^-]*|) ]] || return 1
    done
}

function _xacct_change {
    emulate -L zsh
    # No trace of a secret under `set -x`.
    setopt no_xtrace no_err_exit no_err_return no_all_export
    local _xacct_text
    _xacct_text=$(command xacct "${@:1:$_xacct_at}" --shell sh "${@:$_xacct_at+1}") || return
    eval "$_xacct_text" || return
    _xacct_plan renewed
}

# Before each prompt. Starts no process unless credentials are to be renewed; zsh keeps $? itself.
function _xacct_hook {
    emulate -L zsh
    setopt no_xtrace no_err_exit no_err_return no_all_export
    [[ "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" == "$_xacct_seen" ]] || _xacct_plan
    # Keys that somebody has put in place of ours are not overwritten.
    if (( EPOCHSECONDS >= _xacct_renew_at )) && [[ $AWS_ACCESS_KEY_ID == "$_xacct_key" ]]; then
        _xacct_renew
    fi
    (( EPOCHSECONDS >= _xacct_warn_at )) && _xacct_warn
    _xacct_describe
    (( _xacct_completes )) || _xacct_offer_completion
    return 0
}

# Notes the current credentials and plans their renewal: when a third of their life is left, but
# not earlier than 15 minutes before the end. How long ones that were not got here have lived is not
# known: with less than 5 minutes left they are renewed at once.
function _xacct_plan {
    local -i _xacct_lead
    local _xacct_instant
    _xacct_seen="$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL"
    [[ "$XACCT_ROLE $XACCT_UNTIL" == "$_xacct_until_seen" ]] || _xacct_plan_warning
    _xacct_key=$AWS_ACCESS_KEY_ID
    _xacct_told=0
    _xacct_renew_at=$(( EPOCHSECONDS + 1000000000 ))
    _xacct_read_instant "$AWS_CREDENTIAL_EXPIRATION"
    _xacct_end=$_xacct_instant
    [[ -n $XACCT_ROLE && -n $_xacct_end ]] || return 0
    _xacct_lead=$(( (_xacct_end - EPOCHSECONDS) / 3 ))
    if [[ $1 != renewed ]] && (( _xacct_lead < 100 )); then
        _xacct_renew_at=$EPOCHSECONDS
    else
        _xacct_renew_at=$(( _xacct_end - (_xacct_lead > 900 ? 900 : _xacct_lead) ))
    fi
}

# Notes when the role itself ends, where XACCT_UNTIL tells, and plans the warning: 15 minutes
# before. It is not called for the same role and end again.
function _xacct_plan_warning {
    _xacct_until_seen="$XACCT_ROLE $XACCT_UNTIL"
    _xacct_warn_at=$(( EPOCHSECONDS + 1000000000 ))
    _xacct_read_instant "$XACCT_UNTIL"
    _xacct_until=$_xacct_instant
    [[ -n $XACCT_ROLE && -n $_xacct_until ]] && _xacct_warn_at=$(( _xacct_until - 900 ))
}

# Sets _xacct_instant from a text as 2027-03-31T21:59:59Z, and to nothing from any other. A year
# begins in March here, so that the leap day is its last.
function _xacct_read_instant {
    local -i _xacct_year _xacct_month _xacct_days
    local _xacct_text=$1
    local _xacct_date='[0-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
    local _xacct_time='([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
    _xacct_instant=
    [[ $_xacct_text == ${~_xacct_date}T${~_xacct_time}Z ]] || return 0
    _xacct_month=$(( (10#${_xacct_text[6,7]} + 9) % 12 ))
    _xacct_year=$(( 10#${_xacct_text[1,4]} - (_xacct_month > 9) ))
    _xacct_days=$(( _xacct_year * 365 + _xacct_year / 4 - _xacct_year / 100 + _xacct_year / 400 +
        (153 * _xacct_month + 2) / 5 + 10#${_xacct_text[9,10]} - 719469 ))
    _xacct_instant=$(( _xacct_days * 86400 + 10#${_xacct_text[12,13]} * 3600 +
        10#${_xacct_text[15,16]} * 60 + 10#${_xacct_text[18,19]} ))
}

# Asks for the role's credentials anew. What fails is said when it fails first and once more when
# the old ones have ended; they stay, as without them a program would find others, of another file
# or of this host, and act for somebody else. A region or profile chosen meanwhile stays too.
function _xacct_renew {
    local _xacct_text _xacct_before=$_xacct_end _xacct_name
    local -a _xacct_kept
    local -i _xacct_ended _xacct_tell
    # Set before asking, so that it holds however this ends.
    _xacct_renew_at=$(( EPOCHSECONDS + 60 ))
    _xacct_ended=$(( EPOCHSECONDS >= _xacct_end ))
    _xacct_tell=$(( _xacct_told < 1 + _xacct_ended ))
    _xacct_told=$(( 1 + _xacct_ended ))
    # Where the role itself ends or has ended, _xacct_warn says it.
    if [[ -n $_xacct_until ]] && (( EPOCHSECONDS >= _xacct_until - (_xacct_ended ? 0 : 900) )); then
        _xacct_tell=0
    fi
    if (( _xacct_tell )); then
        _xacct_text=$(command xacct env --purpose renew --shell sh </dev/null)
    else
        _xacct_text=$(command xacct env --purpose renew --shell sh </dev/null 2>/dev/null)
    fi || return 0
    for _xacct_name in AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_DEFAULT_PROFILE; do
        (( ${(P)+_xacct_name} )) && _xacct_kept+=("$_xacct_name=${(P)_xacct_name}")
    done
    eval "$_xacct_text"
    (( $#_xacct_kept )) && export "${_xacct_kept[@]}"
    _xacct_plan renewed
    if [[ $_xacct_end == "$_xacct_before" ]] && (( _xacct_renew_at < EPOCHSECONDS + 60 )); then
        _xacct_renew_at=$(( EPOCHSECONDS + 60 ))
    fi
}

# Says that the role ends, and another time that it has ended.
function _xacct_warn {
    local _xacct_left=$(( _xacct_until - EPOCHSECONDS )) _xacct_when
    builtin strftime -s _xacct_when '%Y-%m-%d %H:%M %Z' $_xacct_until
    if (( _xacct_left <= 0 )); then
        _xacct_warn_at=$(( EPOCHSECONDS + 1000000000 ))
        print -ru2 -- "xacct: role $XACCT_ROLE ended at $_xacct_when:" \
            "xacct status says whether it is yours again"
        return
    fi
    _xacct_warn_at=$_xacct_until
    if (( _xacct_left < 60 )); then
        _xacct_left="$_xacct_left s"
    else
        _xacct_left="$(( _xacct_left / 60 )) min"
    fi
    print -ru2 -- "xacct: role $XACCT_ROLE ends at $_xacct_when, in $_xacct_left:" \
        "save your work; xacct status says more"
}

function _xacct_describe {
    local _xacct_left=
    typeset -g XACCT_PROMPT=
    [[ -n $XACCT_ROLE ]] || return 0
    if [[ -n $_xacct_end ]]; then
        _xacct_left=$(( _xacct_end - EPOCHSECONDS ))
        if (( _xacct_left <= 0 )); then
            _xacct_left=' expired'
        elif (( _xacct_left < 60 )); then
            _xacct_left=" ${_xacct_left}s"
        elif (( _xacct_left < 3600 )); then
            _xacct_left=" $(( _xacct_left / 60 ))m"
        else
            _xacct_left=" $(( _xacct_left / 3600 ))h${(l:2::0:)$(( _xacct_left % 3600 / 60 ))}m"
        fi
    fi
    XACCT_PROMPT="[$XACCT_ROLE$_xacct_left]"
}

function xacct_prompt {
    local -i _xacct_status=$?
    emulate -L zsh
    setopt no_xtrace no_err_exit no_err_return no_all_export
    [[ "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" == "$_xacct_seen" ]] || _xacct_plan
    _xacct_describe
    print -rn -- "$XACCT_PROMPT"
    return $_xacct_status
}

function _xacct_complete {
    local before
    while (( CURRENT > 2 )) && [[ $words[2] == --socket* ]]; do
        [[ $words[2] == --socket ]] && (( CURRENT > 3 )) && shift words && (( CURRENT -= 1 ))
        shift words
        (( CURRENT -= 1 ))
    done
    if (( ${words[(i)--]} < CURRENT )); then
        # The command that is to run under the role.
        (( CURRENT -= ${words[(i)--]} ))
        shift ${words[(i)--]} words
        _normal
        return
    fi
    before=$words[CURRENT-1]
    if compset -P 1 '--*='; then
        before=${IPREFIX%=}
    fi
    case $words[2]:$before in
    *:--shell) compadd -- sh fish json dotenv ;;
    *:--min-life) ;;
    init:init) compadd -- bash zsh fish ;;
    *)
        # It also names the roles of an account that begins so, hence no matching here.
        compadd -U -i "$IPREFIX" -- \
            ${(f)"$(command xacct complete "${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)"}
        ;;
    esac
}

# Until compinit was run there is nothing to offer it to, hence again before each prompt.
function _xacct_offer_completion {
    (( $+functions[compdef] )) || return 0
    compdef _xacct_complete xacct
    _xacct_completes=1
}

_xacct_offer_completion

# First, so that what comes after it may use XACCT_PROMPT.
typeset -ga precmd_functions
(( ${precmd_functions[(Ie)_xacct_hook]} )) || precmd_functions=(_xacct_hook $precmd_functions)
