/*
 * Signing in to the web console by federation.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/console.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/form.h"
#include "helper/http.h"

#define ANSWER_MAX                                                                                 \
    ((size_t)16 * 1024) /* bytes; encoded, and thrice as long, it fits in a frame                  \
                         */
#define URL_SIZE   ((size_t)1024)
#define ISSUER     "pam_xacct" /* who the console says sent the user */
#define FEDERATION "/federation"
#define SHOWN      ((size_t)256) /* the most of an ARN, endpoint or type that a reason shows */

/*
 * AWS's hosts by partition. Those without a sign-in host have their consoles in networks of their
 * own, whose names are not public.
 */
static const struct {
    const char *partition;
    const char *signin;
    bool by_region; /* whether the region stands before it */
    const char *console;
} partitions[] = {
    {"aws", "signin.aws.amazon.com", false, "console.aws.amazon.com"},
    {"aws-cn", "signin.amazonaws.cn", false, "console.amazonaws.cn"},
    {"aws-us-gov", "signin.amazonaws-us-gov.com", false, "console.amazonaws-us-gov.com"},
    {"aws-eusc", "signin.amazonaws-eusc.eu", true, "console.amazonaws-eusc.eu"},
};

/* A sign-in under way. */
struct sign_in {
    const struct console *console;
    struct outcome *outcome;
    char endpoint[URL_SIZE];
    char destination[URL_SIZE];
};

/* Sets a reason that says what was tried where. Returns the status. */
static enum status fail(const struct sign_in *sign_in, enum status status, const char *what)
{
    char arn[SHOWN], endpoint[SHOWN];

    return outcome_set(sign_in->outcome, status, "console sign-in with role %s at %s: %s",
                       escape(arn, sizeof arn, sign_in->console->role_arn),
                       escape(endpoint, sizeof endpoint, sign_in->endpoint), what);
}

/* A host name's part, so that what is made of it is the URL that it looks like. */
static bool is_label(const char *text)
{
    size_t i;

    for (i = 0; text[i] != '\0'; i++)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) && text[i] != '-')
            return false;
    return i > 0 && i < 64;
}

/* Finds where to ask, and where to go then. Returns PERMITTED or MISCONFIGURED. */
static enum status find_hosts(struct sign_in *sign_in)
{
    const struct console *console = sign_in->console;
    const char *arn = strncmp(console->role_arn, "arn:", 4) == 0 ? console->role_arn + 4 : "";
    size_t length = strcspn(arn, ":"), i;
    char shown[SHOWN];

    for (i = 0; i < sizeof partitions / sizeof partitions[0]; i++)
        if (strlen(partitions[i].partition) == length &&
            strncmp(partitions[i].partition, arn, length) == 0)
            break;
    if (i == sizeof partitions / sizeof partitions[0])
        return outcome_set(sign_in->outcome, STATUS_MISCONFIGURED,
                           "no console sign-in is known for partition \"%s\" of role %s: sign in "
                           "in the way that is meant for that partition",
                           length < sizeof shown ? escape_bytes(shown, sizeof shown, arn, length)
                                                 : "...",
                           console->role_arn);
    if (!is_label(console->region))
        return outcome_set(sign_in->outcome, STATUS_MISCONFIGURED,
                           "the console cannot be opened in region \"%s\": correct `region =` of "
                           "the role, its account or [xacct]",
                           escape(shown, sizeof shown, console->region));
    snprintf(sign_in->endpoint, sizeof sign_in->endpoint, "https://%s%s%s" FEDERATION,
             partitions[i].by_region ? console->region : "", partitions[i].by_region ? "." : "",
             partitions[i].signin);
    snprintf(sign_in->destination, sizeof sign_in->destination, "https://%s/console/home?region=%s",
             partitions[i].console, console->region);
    return STATUS_PERMITTED;
}

/* Takes the endpoint that stands in place of AWS's. Returns PERMITTED or MISCONFIGURED. */
static enum status take_endpoint(struct sign_in *sign_in)
{
    const char *endpoint = sign_in->console->endpoint;
    struct http_target target;
    size_t length;

    if (endpoint == NULL)
        return STATUS_PERMITTED;
    snprintf(sign_in->endpoint, sizeof sign_in->endpoint, "%s", endpoint);
    length = strlen(endpoint);
    if (length + sizeof FEDERATION > sizeof sign_in->endpoint ||
        http_target(endpoint, &target) != 0)
        return fail(sign_in, STATUS_MISCONFIGURED,
                    "not an http or https URL without user, query and fragment: correct "
                    "`console_endpoint =` in [xacct]");
    if (strcmp(target.path, "/") == 0) {
        if (endpoint[length - 1] == '/')
            length--;
        strcpy(sign_in->endpoint + length, FEDERATION);
    }
    return STATUS_PERMITTED;
}

/* Puts a JSON string, encoded for the form that it stands in. */
static void put_string(struct form *form, const char *text)
{
    char piece[8];

    form_put_encoded(form, "\"");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            snprintf(piece, sizeof piece, "\\%c", byte);
        else if (byte < ' ')
            snprintf(piece, sizeof piece, "\\u%04x", byte);
        else
            snprintf(piece, sizeof piece, "%c", byte);
        form_put_encoded(form, piece);
    }
    explicit_bzero(piece, sizeof piece);
    form_put_encoded(form, "\"");
}

/* The body of getSigninToken. Its JSON is written by hand, as no library's memory is locked. */
static void put_request(struct form *form, const struct credentials *credentials)
{
    form_put_parameter(form, "Action", "getSigninToken");
    form_put(form, "&Session=");
    form_put_encoded(form, "{\"sessionId\":");
    put_string(form, credentials->access_key_id);
    form_put_encoded(form, ",\"sessionKey\":");
    put_string(form, credentials->secret_access_key.bytes);
    form_put_encoded(form, ",\"sessionToken\":");
    put_string(form, credentials->session_token.bytes);
    form_put_encoded(form, "}");
}

static void put_url(struct form *form, const struct sign_in *sign_in, const char *token)
{
    struct form query = {0};

    form_put(form, sign_in->endpoint);
    form_put(form, "?");
    query.out = form->out != NULL ? form->out + form->length : NULL;
    form_put_parameter(&query, "Action", "login");
    form_put_parameter(&query, "Issuer", ISSUER);
    form_put_parameter(&query, "Destination", sign_in->destination);
    form_put_parameter(&query, "SigninToken", token);
    form->length += query.length;
}

/* What became of a request that brought no answer, and what to do. */
static const struct {
    enum status status;
    const char *what;
} failures[] = {
    [HTTP_TIMED_OUT] = {STATUS_UNAVAILABLE,
                        "no answer in time; see that this host reaches the endpoint, and DNS"},
    [HTTP_UNREACHABLE] = {STATUS_UNAVAILABLE,
                          "not reached; see DNS, routes and firewalls between this host and the "
                          "endpoint"},
    [HTTP_UNTRUSTED] = {STATUS_MISCONFIGURED,
                        "the TLS certificate is not trusted; where a proxy opens TLS, name a PEM "
                        "file with its CA in `ca_bundle =` of [xacct]; and see this host's clock"},
    [HTTP_TOO_LARGE] = {STATUS_UNAVAILABLE,
                        "what came back is too large for an answer; see that `console_endpoint =` "
                        "is right, and whether a proxy or a login page stands in between"},
    [HTTP_TRUNCATED] = {STATUS_UNAVAILABLE,
                        "the connection ended before the answer did; try again later"},
    [HTTP_GARBLED] = {STATUS_UNAVAILABLE,
                      "what came back is not HTTP; see that `console_endpoint =` is right"},
    [HTTP_FAILED] = {STATUS_UNAVAILABLE, "the request could not be made"},
};

/* Says why no answer came. Returns the status. */
static enum status unanswered(const struct sign_in *sign_in, const struct http_response *response)
{
    char what[OUTCOME_REASON_SIZE / 2], shown[ESCAPE_MAX];

    snprintf(what, sizeof what, "%s (%s)", failures[response->outcome].what,
             escape(shown, sizeof shown, response->why));
    return fail(sign_in, failures[response->outcome].status, what);
}

/* Says why an HTTP status is none that brings a token. Returns the status. */
static enum status refused(const struct sign_in *sign_in, const struct http_response *response)
{
    static const struct {
        long from;
        long to;
        enum status status;
        const char *what;
    } kinds[] = {
        {300, 399, STATUS_MISCONFIGURED,
         "it sends elsewhere, which is not followed; see that `console_endpoint =` is right"},
        {408, 408, STATUS_UNAVAILABLE, "it gave up waiting; try again later"},
        {429, 429, STATUS_UNAVAILABLE, "it is asked too often; try again later"},
        {400, 403, STATUS_MISCONFIGURED,
         "it does not accept the role's credentials; see that they are of the endpoint's "
         "partition, "
         "that no session policy or SCP stands against signing in, and this host's clock"},
        {400, 499, STATUS_MISCONFIGURED,
         "it does not know this request; see that `console_endpoint =` is right"},
        {500, 599, STATUS_UNAVAILABLE,
         "the service failed; nothing is wrong on this host; try again later"},
    };
    char what[OUTCOME_REASON_SIZE / 2];
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (response->status >= kinds[i].from && response->status <= kinds[i].to)
            break;
    if (i == sizeof kinds / sizeof kinds[0]) {
        snprintf(what, sizeof what, "HTTP status %ld: that is no answer", response->status);
        return fail(sign_in, STATUS_UNAVAILABLE, what);
    }
    snprintf(what, sizeof what, "HTTP status %ld: %s", response->status, kinds[i].what);
    return fail(sign_in, kinds[i].status, what);
}

/*
 * Makes the URL of an answer. The parser's copies of the token are not locked, but are overwritten
 * when it frees them, as all that is freed here.
 */
static enum status make_url(const struct sign_in *sign_in, const struct http_response *response,
                            struct secret *url)
{
    json_t *answer = json_loadb(response->body.bytes, response->body.length, 0, NULL);
    const char *token = json_string_value(json_object_get(answer, "SigninToken"));
    struct form form = {0};
    enum status status = STATUS_PERMITTED;

    if (token == NULL || token[0] == '\0') {
        status = fail(sign_in, STATUS_UNAVAILABLE,
                      "what came back holds no sign-in token; see that `console_endpoint =` is "
                      "right, and whether a proxy or a login page stands in between");
        goto done;
    }
    put_url(&form, sign_in, token);
    if (secret_new(url, form.length) != 0) {
        status = fail(sign_in, STATUS_UNAVAILABLE, "there is no secret memory left");
        goto done;
    }
    form = (struct form){.out = url->bytes};
    put_url(&form, sign_in, token);

done:
    json_decref(answer);
    return status;
}

enum status console_url(const struct console *console, const struct credentials *credentials,
                        struct deadline deadline, struct secret *url, struct outcome *outcome)
{
    struct sign_in sign_in = {.console = console, .outcome = outcome};
    struct http_response response = {.status = 0};
    struct secret body = {NULL, 0};
    struct form form = {0};
    struct http_request request = {
        .url = sign_in.endpoint,
        .headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"},
        .ca_bundle = console->ca_bundle,
        .proxy = console->proxy,
        .largest = ANSWER_MAX,
    };
    enum status status = find_hosts(&sign_in);

    if (status == STATUS_PERMITTED)
        status = take_endpoint(&sign_in);
    if (status != STATUS_PERMITTED)
        goto done;
    put_request(&form, credentials);
    if (secret_new(&body, form.length) != 0) {
        status = fail(&sign_in, STATUS_UNAVAILABLE, "there is no secret memory left");
        goto done;
    }
    form = (struct form){.out = body.bytes};
    put_request(&form, credentials);
    request.body = body.bytes;
    request.body_length = body.length;
    http_perform(&request, deadline, &response);
    if (response.outcome != HTTP_ANSWERED)
        status = unanswered(&sign_in, &response);
    else if (response.status != 200)
        status = refused(&sign_in, &response);
    else
        status = make_url(&sign_in, &response, url);

done:
    secret_free(&response.body);
    secret_free(&body);
    return status;
}
