#!/bin/sh
# Stands in for Docker: writes down how it is called, and answers from the files in $STAND_IN.
# `up` starts embedded stacks in place of the services, as far as the test wants them.
case "$*" in
"compose version --short") ;;
# It must not read .env.
"compose --env-file /dev/null "*) shift 3; set -- compose "$@" ;;
compose*) echo "unknown call: $*" >&2; exit 125 ;;
esac
printf '%s\n' "$*" >> "$STAND_IN/calls"

# What the test wants to happen at this call.
answer() {
    [ ! -e "$STAND_IN/$1" ] || . "$STAND_IN/$1"
}

case "$*" in
"compose version --short")
    [ -e "$STAND_IN/version" ] || { echo "docker: 'compose' is not a docker command." >&2; exit 1; }
    cat "$STAND_IN/version" ;;
"info "*)
    [ ! -e "$STAND_IN/no-daemon" ] || { cat "$STAND_IN/no-daemon" >&2; exit 1; }
    echo 28.2.2 ;;
"compose config --quiet")
    [ ! -e "$STAND_IN/unreadable" ] || { cat "$STAND_IN/unreadable" >&2; exit 15; } ;;
"compose run "*) ;;
"compose ps "*)
    answer ps
    cat "$STAND_IN/containers" 2>/dev/null
    exit 0 ;;
"compose up --detach")
    env > "$STAND_IN/environment"
    answer up ;;
"compose down "*)
    answer down
    rm -f "$STAND_IN/containers" ;;
"compose logs "*)
    for service; do :; done
    cat "$STAND_IN/log-$service" 2>/dev/null
    exit 0 ;;
"ps "*)
    cat "$STAND_IN/all-containers" 2>/dev/null
    exit 0 ;;
"image ls --quiet --no-trunc frontend:integration-tests") echo sha256:1 ;;
"image ls "*"dangling=true"*) echo sha256:2 ;;
"image ls "*) ;;
"image inspect "*) echo 1500000000 ;;
"image rm "* | "rm "*) ;;
*)
    echo "unknown call: $*" >&2
    exit 125 ;;
esac
