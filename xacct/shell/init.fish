# Shell integration of xacct for fish 3.6. In ~/.config/fish/config.fish:
#
#     xacct init fish | source
#
# `xacct switch` and `xacct drop` then change this shell, credentials of a role are renewed at the
# prompt before they end, and TAB completes subcommands, options and roles. A quarter of an
# hour before the role itself ends, by its `hours` for example, the prompt says so, and says it once
# more when it has ended.
#
# The function xacct_prompt prints the role and the time that its credentials have left, as
# [client-a-audit 42m], or nothing. For whoever wants to see it, on the right for example:
#
#     function fish_right_prompt; xacct_prompt; end
#
# SPDX-License-Identifier: BSD-2-Clause

# What the current credentials are, as __xacct_plan last saw them, when they end (or nothing), and
# when to ask for others. Instants are seconds since 1970.
set -g __xacct_seen ''
set -g __xacct_key ''
set -g __xacct_end ''
set -g __xacct_renew_at 0
set -g __xacct_told 0
# The role and its own end, when that is (or nothing), and when to say something of it.
set -g __xacct_until_seen ''
set -g __xacct_until ''
set -g __xacct_warn_at 0

function xacct --description 'AWS roles of this login'
    if set -l at (__xacct_changes_the_shell $argv)
        # No trace of a secret under fish_trace.
        set -l fish_trace
        set -l text (command xacct $argv[1..$at] --shell fish $argv[(math $at + 1)..])
        or return
        string join -- \n $text | source
        __xacct_plan (__xacct_now) renewed
    else
        command xacct $argv
    end
end

# Whether the text that the command prints for these arguments is for this shell to run. Only with
# options that are known to leave it so: --help, --shell and what is not known are the user's.
# Prints the place of the subcommand.
function __xacct_changes_the_shell
    set -l at 1
    while string match -q -- '--socket*' "$argv[$at]"
        test "$argv[$at]" = --socket; and set at (math $at + 1)
        set at (math $at + 1)
    end
    contains -- "$argv[$at]" switch drop
    or return
    for word in $argv[(math $at + 1)..]
        string match -qr -- '^(--fresh|--min-life(=.*)?|--|[^-].*|)$' "$word"
        or return
    end
    echo $at
end

# Before each prompt. Starts no process unless credentials are to be renewed or there is an end to
# warn of; fish keeps $status.
function __xacct_hook --on-event fish_prompt
    set -l fish_trace
    set -l now (__xacct_now)
    test "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" = "$__xacct_seen"
    or __xacct_plan $now
    # Keys that somebody has put in place of ours are not overwritten.
    if test $now -ge $__xacct_renew_at; and test "$AWS_ACCESS_KEY_ID" = "$__xacct_key"
        __xacct_renew $now
    end
    test $now -ge $__xacct_warn_at
    and __xacct_warn $now
end

# fish has no variable that holds the time; but it tells when a file was changed, and how long ago.
function __xacct_now
    math (path mtime /) + (path mtime --relative /)
end

# Notes the current credentials and plans their renewal: when a third of their life is left, but
# not earlier than 15 minutes before the end. How long ones that were not got here have lived is not
# known: with less than 5 minutes left they are renewed at once.
function __xacct_plan --argument-names now how
    set -g __xacct_seen "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL"
    test "$XACCT_ROLE $XACCT_UNTIL" = "$__xacct_until_seen"
    or __xacct_plan_warning $now
    set -g __xacct_key "$AWS_ACCESS_KEY_ID"
    set -g __xacct_end (__xacct_read_instant "$AWS_CREDENTIAL_EXPIRATION")
    set -g __xacct_told 0
    set -g __xacct_renew_at (math $now + 1000000000)
    test -n "$XACCT_ROLE" -a -n "$__xacct_end"
    or return 0
    set -l lead (math "floor(($__xacct_end - $now) / 3)")
    if test "$how" != renewed -a $lead -lt 100
        set -g __xacct_renew_at $now
    else
        set -g __xacct_renew_at (math "$__xacct_end - min(900, $lead)")
    end
end

# Notes when the role itself ends, where XACCT_UNTIL tells, and plans the warning: 15 minutes
# before. It is not called for the same role and end again.
function __xacct_plan_warning --argument-names now
    set -g __xacct_until_seen "$XACCT_ROLE $XACCT_UNTIL"
    set -g __xacct_warn_at (math $now + 1000000000)
    set -g __xacct_until (__xacct_read_instant "$XACCT_UNTIL")
    test -n "$XACCT_ROLE" -a -n "$__xacct_until"
    and set -g __xacct_warn_at (math $__xacct_until - 900)
end

# Prints the instant that a text as 2027-03-31T21:59:59Z says, and nothing for any other. A year
# begins in March here, so that the leap day is its last.
function __xacct_read_instant --argument-names text
    set -l date '(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'
    set -l time '([01]\d|2[0-3]):([0-5]\d):([0-5]\d)'
    set -l part (string match -r -- "^"$date"T"$time"Z\$" "$text")
    or return 0
    set -l month (math "($part[3] + 9) % 12")
    set -l year (math "$part[2] - floor($month / 10)")
    set -l days (math "$year * 365 + floor($year / 4) - floor($year / 100) + floor($year / 400)" \
        "+ floor((153 * $month + 2) / 5) + $part[4] - 719469")
    math "$days * 86400 + $part[5] * 3600 + $part[6] * 60 + $part[7]"
end

# Asks for the role's credentials anew. What fails is said when it fails first and once more when
# the old ones have ended; they stay, as without them a program would find others, of another file
# or of this host, and act for somebody else. A region or profile chosen meanwhile stays too.
function __xacct_renew --argument-names now
    set -l text
    set -l before $__xacct_end
    set -l told $__xacct_told
    # Set before asking, so that it holds however this ends.
    set -g __xacct_renew_at (math $now + 60)
    set -g __xacct_told 1
    test $now -ge $__xacct_end; and set -g __xacct_told 2
    # Where the role itself ends or has ended, __xacct_warn says it.
    set -l lead 900
    test $__xacct_told = 2; and set lead 0
    if test -n "$__xacct_until"; and test $now -ge (math $__xacct_until - $lead)
        set told 2
    end
    if test $told -lt $__xacct_told
        set text (command xacct env --purpose renew --shell fish </dev/null)
    else
        set text (command xacct env --purpose renew --shell fish </dev/null 2>/dev/null)
    end
    or return 0
    set -l kept
    for name in AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_DEFAULT_PROFILE
        set -q $name; and set -a kept $name=$$name
    end
    string join -- \n $text | source
    for pair in $kept
        set -gx (string split -m 1 = -- $pair)
    end
    set now (__xacct_now)
    __xacct_plan $now renewed
    if test "$__xacct_end" = "$before"
        set -g __xacct_renew_at (math "max($__xacct_renew_at, $now + 60)")
    end
end

# Says that the role ends, and another time that it has ended. fish shows no instant as a date.
function __xacct_warn --argument-names now
    set -l left (math $__xacct_until - $now)
    set -l when (command date -d @$__xacct_until '+%Y-%m-%d %H:%M %Z')
    if test $left -le 0
        set -g __xacct_warn_at (math $now + 1000000000)
        echo "xacct: role $XACCT_ROLE ended at $when:" \
            "xacct status says whether it is yours again" >&2
        return
    end
    set -g __xacct_warn_at $__xacct_until
    if test $left -lt 60
        set left "$left s"
    else
        set left (math "floor($left / 60)")" min"
    end
    echo "xacct: role $XACCT_ROLE ends at $when, in $left:" \
        "save your work; xacct status says more" >&2
end

function xacct_prompt --description 'The AWS role and the time that its credentials have left'
    set -l fish_trace
    set -l left ''
    test -n "$XACCT_ROLE"
    or return 0
    set -l now (__xacct_now)
    test "$XACCT_ROLE $AWS_CREDENTIAL_EXPIRATION $XACCT_UNTIL" = "$__xacct_seen"
    or __xacct_plan $now
    if test -n "$__xacct_end"
        set -l seconds (math $__xacct_end - $now)
        if test $seconds -le 0
            set left ' expired'
        else if test $seconds -lt 60
            set left " $seconds"s
        else if test $seconds -lt 3600
            set left ' '(math "floor($seconds / 60)")m
        else
            set left (printf ' %dh%02dm' (math "floor($seconds / 3600)") \
                (math "floor($seconds % 3600 / 60)"))
        end
    end
    echo -n "[$XACCT_ROLE$left]"
end

function __xacct_complete
    set -l word (commandline -ct)
    set -l words (commandline -opc)
    set -e words[1]
    while string match -q -- '--socket*' "$words[1]"
        test "$words[1]" = --socket; and set -e words[1]
        set -e words[1]
    end
    if set -l at (contains -i -- -- $words)
        # The command that is to run under the role.
        complete -C "$(string escape -- $words[(math $at + 1)..] | string join ' ') $word"
        return
    end
    set -l prefix ''
    set -l before "$words[-1]"
    if set -l split (string match -r -- '^(--[^=]*)=(.*)' $word)
        set prefix "$split[2]="
        set before $split[2]
        set word $split[3]
    end
    switch "$words[1]:$before"
        case '*:--shell'
            string join -- \n $prefix{sh,fish,json,dotenv}
        case '*:--min-life'
        case init:init
            string join -- \n bash zsh fish
        case '*'
            for candidate in (command xacct complete $words "$word" 2>/dev/null)
                string join -- '' $prefix $candidate
            end
    end
end

complete -c xacct -e
complete -c xacct -f -a '(__xacct_complete)'
