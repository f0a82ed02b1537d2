# pam_xacct: AWS cross-account roles at login. GNU make; `make help` lists the targets.
#
# Variables: prefix, DESTDIR; BUILD (folder of what is built), CC, CFLAGS;
# SANITIZE=1 builds with AddressSanitizer and UBSan, SANDBOX=no leaves seccomp and Landlock out
# (LeakSanitizer spins under the one, valgrind does not know the other).

prefix     ?= /usr
sysconfdir ?= /etc
libexecdir ?= $(prefix)/libexec
bindir     ?= $(prefix)/bin
datadir    ?= $(prefix)/share
docdir     ?= $(prefix)/share/doc/xacct
mandir     ?= $(prefix)/share/man
unitdir    ?= $(prefix)/lib/systemd/system
# Where libc looks for NSS services, and libpam for modules: beside itself.
libdir     ?= $(prefix)/lib/$(shell $(CC) -print-multiarch 2>/dev/null)
securedir  ?= $(libdir)/security
BUILD      ?= build
SANDBOX    ?= yes
SANITIZE   ?=
PKG_CONFIG ?= pkg-config
PYTHON      = /usr/bin/python3

CFLAGS   ?= -O2 -g
WARNINGS  = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
            -Wformat=2 -Wpointer-arith -Wundef -Wvla
HARDEN    = -fstack-protector-strong -fstack-clash-protection
LDHARDEN  = -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs
ifeq ($(shell uname -m),x86_64)
HARDEN   += -fcf-protection=full
endif
ifeq ($(shell uname -m),aarch64)
HARDEN   += -mbranch-protection=standard
endif
ifeq ($(SANITIZE),)
# The distribution's own compiler flags may set another level already.
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
HARDEN   += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDHARDEN  = -Wl,-z,relro,-z,now,-z,noexecstack
SANDBOX   = no
endif
ifeq ($(SANDBOX),no)
DEFINES  += -DXACCT_WITHOUT_SANDBOX
endif
VERSION   = 0.1
DEFINES  += -D_GNU_SOURCE -DXACCT_VERSION='"$(VERSION)"' \
            -DXACCT_LIBEXECDIR='"$(libexecdir)"' -DXACCT_SYSCONFDIR='"$(sysconfdir)"' \
            -DXACCT_BINDIR='"$(bindir)"' -DXACCT_DATADIR='"$(datadir)"'

ALL_CFLAGS = -std=gnu11 -fPIC -fvisibility=hidden -I. $(DEFINES) $(WARNINGS) $(HARDEN) $(CFLAGS) -MMD -MP
ALL_LDFLAGS = $(LDHARDEN) $(HARDEN) $(LDFLAGS)

# What the login side links is libc and libpam. Everything else is for the helper.
HELPER_PKGS = libcurl libcrypto libxml-2.0 inih jansson libseccomp p11-kit-1
# Asked of pkg-config when a recipe runs, as `make deps` may only just have installed it.
# As the system's headers, which are not ours to lint.
HELPER_CFLAGS = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(HELPER_PKGS)))
# libcurl, libxml2 and p11-kit are loaded when they are needed; libseccomp makes the sandbox's programs here.
HELPER_LIBS   = $(shell $(PKG_CONFIG) --libs libcrypto inih jansson)
ADMIN_PKGS    = libcrypto inih jansson zlib
ADMIN_LIBS    = $(shell $(PKG_CONFIG) --libs $(ADMIN_PKGS))
CMOCKA_LIBS   = $(shell $(PKG_CONFIG) --libs cmocka)

# Debian packages: to build, to run the demonstration and the tests, to check the source.
DEPS_BUILD = gcc libc6-dev pkg-config libpam0g-dev libcurl4-openssl-dev libssl-dev libxml2-dev \
             libinih-dev libjansson-dev libseccomp-dev libp11-kit-dev zlib1g-dev \
             tzdata ca-certificates
DEPS_TEST  = libcmocka-dev valgrind pamtester python3 python3-pytest python3-botocore openssl curl awscli \
             openssh-server openssh-client radosgw ceph-mon ceph-osd ceph-base ceph-common \
             binutils iproute2 procps mount util-linux zsh fish fzf tmux \
             python3-boto3 nodejs $(NPM) \
             softhsm2 tinyproxy squid \
             slapd ldap-utils sssd-ldap sssd-tools libnss-sss libpam-sss sshpass sudo cron login \
             nftables iptables systemd mandoc python3-pyhcl python3-prometheus-client jq logrotate rpm
# A nodejs that is not Debian's brings its npm along and conflicts with Debian's.
NPM       := $(shell command -v npm >/dev/null 2>&1 || echo npm)
DEPS_LINT  = clang clang-format clang-tidy cppcheck shellcheck
DEPS       = $(DEPS_BUILD) $(DEPS_TEST) $(DEPS_LINT)
# To make packages, and a Debian to try them in.
DEPS_DEB   = build-essential debhelper dpkg-dev lintian $(DEPS_BUILD)
DEPS_LONG  = $(DEPS) $(DEPS_DEB) mmdebstrap

MAN1          = $(wildcard man/*.1)
MAN5          = $(wildcard man/*.5)
MAN8          = $(wildcard man/*.8)

sources   = $(sort $(wildcard $(1)/*.c))
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
COMMON    = $(call sources,common)
POLICY    = $(call sources,policy)
MODULE    = $(call sources,pam_xacct)
NSS       = $(call sources,nss_xacct)
HELPER    = $(call sources,helper)
SECCOMP   = $(call sources,seccomp)
XACCT     = $(call sources,xacct)
ADMIN     = $(call sources,xacct_admin)
# The parts of common that the module and the command are made of: libc alone, and no state.
MODULE_COMMON = common/status.c common/deadline.c common/frame.c common/escape.c common/proof.c \
                common/reference.c
NSS_COMMON    = common/status.c common/deadline.c common/frame.c common/unix_group.c
# What xacct-admin is made of beside its own folder, policy and common: the command lines and the
# output of xacct, and of the helper what explains a certificate, a session's name, NSS and the
# files of base credentials.
ADMIN_XACCT   = $(addprefix xacct/,admin_commands.c arguments.c complain.c durations.c json_text.c options.c terminal.c text.c)
ADMIN_HELPER  = $(addprefix helper/,auth_info.c base_file.c credentials.c hex.c identity_certificate.c instant.c \
                  lookup_sources.c outcome.c own_address.c secret_file.c session_name.c ssh_certificate.c ssh_signature.c x509_chain.c \
                  x509_sign.c)
# And what reads a policy that the helper kept.
ADMIN_HELPER += $(addprefix helper/,json.c kept_policy.c own_folder.c policy_hash.c text_list.c write_all.c)
# And for xacct doctor the options of a PAM line, how the module judges paths, the talk with the
# service, and how a helper is started for one request.
ADMIN_DOCTOR  = xacct/client.c $(addprefix pam_xacct/,become.c error_text.c option_forms.c \
                  spawn.c standard.c supervisor.c trusted_path.c loginuid.c)
UNIT_PROGRAMS = $(patsubst %.c,$(BUILD)/%,$(call sources,tests/unit))
UNIT_TESTS    = $(filter $(BUILD)/tests/unit/test_%,$(UNIT_PROGRAMS))
MODULE_TESTS  = $(patsubst %.c,$(BUILD)/%,$(call sources,tests/module))
NSS_TESTS     = $(patsubst %.c,$(BUILD)/%,$(call sources,tests/nss))
# What of conf/ has to name places that make knows.
FILLED_IN     = $(patsubst conf/%.in,$(BUILD)/%,$(wildcard conf/*.in))
UNITS         = conf/xacct.socket $(BUILD)/xacct.service $(BUILD)/xacct-firewall.service \
                conf/xacct-firewall-again.service $(BUILD)/xacct-metrics.service conf/xacct-metrics.timer
RIG_PROGRAMS  = $(addprefix $(BUILD)/tests/rig/,libnss_standin.so.2 libnss_nothing.so.2 libnss_least.so.2)
# The library of faults, and what starts a helper with it.
FAULTS        = $(BUILD)/tests/faults/faults.so $(BUILD)/tests/faults/faulty_helper
BENCH_PARTS    = $(addprefix tests/bench/,meter.c sts_request.c pam_least.c)
BENCH_PROGRAMS = $(patsubst %.c,$(BUILD)/%,$(filter-out $(BENCH_PARTS),$(call sources,tests/bench)))
BENCH_MODULE   = $(BUILD)/tests/bench/pam_least.so
# Targets of libFuzzer: each file of tests/fuzz but the rig. Beside policy and common they are about these.
FUZZERS       = $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/fuzz.c,$(call sources,tests/fuzz)))
FUZZ_HELPER   = $(addprefix helper/,auth_info.c aws_clock.c base_file.c base_json.c credentials.c form.c hex.c http.c \
                  http_failure.c http_options.c http_target.c identity_certificate.c instant.c json.c libcurl.c library.c \
                  libxml.c log.c metadata.c outcome.c request.c roles_anywhere_answer.c saml.c secret_file.c \
                  session_name.c session_record_json.c ssh_certificate.c ssh_signature.c sts_body.c sts_explain.c \
                  sts_xml.c syslog_socket.c task.c text_hash.c text_list.c x509_chain.c xml.c)
FUZZ_XACCT    = $(addprefix xacct/,assume.c client.c durations.c ini_file.c obstacles.c obstacles_aws.c obstacles_git.c \
                  obstacles_kube.c options.c own_profiles.c role_text.c roles.c shell_text.c variables.c)
FUZZ_MODULE   = $(addprefix pam_xacct/,environment.c error_text.c loginuid.c proof.c report.c start_time.c talk.c)
FUZZ_SECONDS ?= 60
# What tests run on Node.js, without a network: the JavaScript SDK, an OpenID Connect provider.
CLIENTS       = $(BUILD)/clients/node_modules/.package-lock.json

.PHONY: all tests fuzzers build-fuzzers fuzz fuzz-built clients install uninstall deps deps-build \
        check check-built check-long check-long-built check-builds demo demo-built bench bench-built \
        format lint asan clean help deb deb-built deps-deb deps-long
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/pam_xacct.so $(BUILD)/libnss_xacct.so.2 $(BUILD)/xacct-helper $(BUILD)/xacct $(BUILD)/xacct-admin \
     $(FILLED_IN)

help:
	@echo 'all      build pam_xacct.so, libnss_xacct.so.2, xacct-helper, xacct and xacct-admin in $(BUILD)/'
	@echo 'deps     install the Debian packages that are needed (as root)'
	@echo 'deps-build  install only those that are needed to build it'
	@echo 'deps-long  install as well what check-long and the packages need'
	@echo 'deb      make the Debian packages in $(BUILD)/deb/ (as root; installs what it needs)'
	@echo 'clients  install what tests run on Node.js in $(BUILD)/clients/'
	@echo 'demo     show the main job end to end (as root; installs what it needs)'
	@echo 'check    run every test but the long ones (as root; installs what it needs)'
	@echo 'check-long  what takes an hour or more by nature: such tests, packages, units under valgrind, clang'\''s analyzer and build (as root; installs)'
	@echo 'fuzz     fuzz each target of tests/fuzz/ for FUZZ_SECONDS=$(FUZZ_SECONDS), or those of FUZZ_TARGETS (as root; installs)'
	@echo 'bench    measure speed and footprint beside others, into docs/benchmarks.md (as root; installs what it needs)'
	@echo 'install  install below DESTDIR and prefix; without DESTDIR make the user and folders too'
	@echo 'uninstall  remove what install installed but the policy, the list of agents, the audit file with its rotation and the user'
	@echo 'lint     clang-format, clang-tidy, cppcheck and shellcheck, all of which must be silent'
	@echo 'format   lay out the C source as .clang-format says'
	@echo 'asan     build everything with AddressSanitizer and UBSan in $(BUILD)/asan/'
	@echo 'clean    remove $(BUILD)/'

$(BUILD)/pam_xacct.so: $(call objects,$(MODULE) $(MODULE_COMMON)) pam_xacct/pam_xacct.map
	$(CC) -shared $(ALL_LDFLAGS) -Wl,--version-script=pam_xacct/pam_xacct.map -Wl,--as-needed -o $@ $(filter %.o,$^) -lpam

$(BUILD)/libnss_xacct.so.2: $(call objects,$(NSS) $(NSS_COMMON)) nss_xacct/nss_xacct.map
	$(CC) -shared $(ALL_LDFLAGS) -Wl,--version-script=nss_xacct/nss_xacct.map -Wl,-soname,$(@F) -o $@ $(filter %.o,$^)

# Named by itself, as an archive's member is taken only where something misses it.
WIPING_FREE = $(BUILD)/obj/helper/wiping_free.o

$(BUILD)/xacct-helper: $(BUILD)/obj/helper/main.o $(WIPING_FREE) $(BUILD)/libhelper.a
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(HELPER_LIBS)

$(BUILD)/xacct: $(call objects,$(XACCT) $(MODULE_COMMON))
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/xacct-admin: $(call objects,$(ADMIN) $(ADMIN_XACCT) $(ADMIN_HELPER) $(ADMIN_DOCTOR) $(POLICY) $(COMMON))
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(ADMIN_LIBS)

# What `xacct init` prints is a part of the program.
$(BUILD)/obj/xacct/init.o: xacct/shell/init.bash xacct/shell/init.zsh xacct/shell/init.fish

$(FILLED_IN): $(BUILD)/%: conf/%.in
	@mkdir -p $(@D)
	sed 's|@bindir@|$(bindir)|; s|@libexecdir@|$(libexecdir)|; s|@datadir@|$(datadir)|' $< >$@

# The sandbox's programs, for the architecture that this is built on.
$(BUILD)/seccomp-programs: $(call objects,$(SECCOMP))
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(shell $(PKG_CONFIG) --libs libseccomp)

$(BUILD)/sandbox_programs.c: $(BUILD)/seccomp-programs
	$< >$@

$(BUILD)/obj/sandbox_programs.o: $(BUILD)/sandbox_programs.c
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Everything but main, so that a test can link the room it is about.
$(BUILD)/libhelper.a: $(call objects,$(filter-out helper/main.c helper/wiping_free.c,$(HELPER)) $(POLICY) $(COMMON)) \
                      $(BUILD)/obj/sandbox_programs.o
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/obj/helper/%.o $(BUILD)/obj/seccomp/%.o $(BUILD)/obj/tests/unit/%.o $(BUILD)/obj/tests/fuzz/%.o: \
    EXTRA = $(HELPER_CFLAGS)
$(BUILD)/obj/xacct_admin/%.o: EXTRA = $(shell $(PKG_CONFIG) --cflags libcrypto jansson)
$(BUILD)/obj/tests/bench/%.o: EXTRA = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags libxml-2.0))
$(BUILD)/obj/policy/%.o: EXTRA = $(shell $(PKG_CONFIG) --cflags inih)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(EXTRA) -c -o $@ $<

tests: all $(UNIT_PROGRAMS) $(MODULE_TESTS) $(NSS_TESTS) $(RIG_PROGRAMS) $(BENCH_PROGRAMS) $(BENCH_MODULE) $(FAULTS)

$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(WIPING_FREE) $(BUILD)/libhelper.a
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CMOCKA_LIBS) $(HELPER_LIBS)

# The reader of the audit file is the admin program's, and so is zlib.
$(BUILD)/tests/unit/test_audit_log: $(call objects,xacct_admin/audit_files.c xacct_admin/audit_log.c)
$(BUILD)/tests/unit/test_audit_log: HELPER_LIBS = $(ADMIN_LIBS)

$(BUILD)/tests/module/%: $(BUILD)/obj/tests/module/%.o $(call objects,$(MODULE_COMMON))
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -lpam -lpthread -ldl

$(BUILD)/tests/nss/%: $(BUILD)/obj/tests/nss/%.o
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^

$(BUILD)/tests/rig/libnss_%.so.2: tests/rig/nss_%.c
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -std=gnu11 -I. -D_GNU_SOURCE $(WARNINGS) -O2 -g -Wl,-soname,$(@F) -o $@ $<

# It unwinds the stack to see who calls. Never with the sanitizers, which bring an allocator of their own.
$(BUILD)/tests/faults/faults.so: $(filter-out tests/faults/faulty_helper.c,$(call sources,tests/faults)) \
                                 $(wildcard tests/faults/*.h)
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -fvisibility=hidden -std=gnu11 -D_GNU_SOURCE -I. $(WARNINGS) -O2 -g \
	    $(HELPER_CFLAGS) -o $@ $(filter %.c,$^) -lgcc_s

$(BUILD)/tests/faults/faulty_helper: tests/faults/faulty_helper.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(WARNINGS) -O2 -g -o $@ $<

# Each links what it is about and no more, as starting it is measured.
$(BENCH_PROGRAMS): LIBS =
$(BUILD)/tests/bench/logins: LIBS = -lpam
$(BUILD)/tests/bench/sts_answers: LIBS = $(shell $(PKG_CONFIG) --libs libssl libcrypto)
$(addprefix $(BUILD)/tests/bench/,tls_requests least_service): LIBS = $(shell $(PKG_CONFIG) --libs libcurl)
$(BUILD)/tests/bench/sts_read: LIBS = $(shell $(PKG_CONFIG) --libs libcurl libxml-2.0)
$(addprefix $(BUILD)/tests/bench/,tls_requests least_service sts_read): $(BUILD)/obj/tests/bench/sts_request.o
$(BUILD)/tests/bench/read_ini: LIBS = $(shell $(PKG_CONFIG) --libs inih)
$(BUILD)/tests/bench/decisions: LIBS = $(shell $(PKG_CONFIG) --libs inih jansson)

$(BENCH_MODULE): $(BUILD)/obj/tests/bench/pam_least.o
	@mkdir -p $(@D)
	$(CC) -shared $(ALL_LDFLAGS) -o $@ $^ -lpam

$(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/obj/tests/bench/meter.o $(BUILD)/libhelper.a
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ -Wl,--as-needed $(LIBS)

# By the one compiler that brings libFuzzer: build-fuzzers calls this so.
fuzzers: $(FUZZERS)

$(BUILD)/libfuzzed.a: $(call objects,$(FUZZ_HELPER) $(POLICY) $(COMMON))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/tests/fuzz/module_reply: $(call objects,$(FUZZ_MODULE))
$(BUILD)/tests/fuzz/groups_reply: $(call objects,nss_xacct/entry.c)
$(addprefix $(BUILD)/tests/fuzz/,command_reply user_files): $(call objects,$(FUZZ_XACCT))
$(addprefix $(BUILD)/tests/fuzz/,command_reply json_text user_files): \
    $(call objects,$(addprefix xacct/,complain.c json_text.c text.c))

$(BUILD)/tests/fuzz/audit_log: $(call objects,xacct_admin/audit_files.c xacct_admin/audit_log.c)
$(BUILD)/tests/fuzz/audit_log: HELPER_LIBS = $(ADMIN_LIBS)
$(BUILD)/tests/fuzz/cloudtrail: $(call objects,xacct_admin/audit_files.c xacct_admin/audit_log.c xacct_admin/escaped.c \
    $(sort $(wildcard xacct_admin/trace_*.c)) \
    xacct/complain.c xacct/json_text.c xacct/text.c)
$(BUILD)/tests/fuzz/cloudtrail: HELPER_LIBS = $(ADMIN_LIBS)

$(BUILD)/tests/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/fuzz.o $(BUILD)/libfuzzed.a
	@mkdir -p $(@D)
	$(CC) -pie $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter %.a,$^) -Wl,--as-needed $(HELPER_LIBS)

build-fuzzers:
	$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang SANITIZE=1 CFLAGS='-O1 -gline-tables-only -fsanitize=fuzzer-no-link' fuzzers

clients: $(CLIENTS)

$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json tests/clients/.npmrc
	@mkdir -p $(BUILD)/clients
	cp $^ $(BUILD)/clients/
	npm ci --prefix $(BUILD)/clients --ignore-scripts --loglevel=error
	@touch $@

# Says what is missing, and installs that alone. Nothing here needs a compiler or pkg-config yet.
deps: PACKAGES = $(DEPS)
# For a host that is to run it and not to test it.
deps-build: PACKAGES = $(DEPS_BUILD)
deps-deb: PACKAGES = $(DEPS_DEB)
deps-long: PACKAGES = $(DEPS_LONG)
deps deps-build deps-deb deps-long:
	@missing=; for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${db:Status-Status}\n' $$package 2>/dev/null | grep -q '^installed' || \
	        missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	    echo "make $@: installing$$missing"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	        apt-get install -y -qq --no-install-recommends $$missing >/dev/null || exit 1; \
	fi

# The packages are made of a copy of the tree, whatever is built or changed in it, and of nothing that
# the caller has set: of one tree always the same files.
PACKAGE = pam-xacct-$(VERSION)

deb: deps-deb
	@$(MAKE) --no-print-directory deb-built

deb-built:
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb/$(PACKAGE)
	tar -c --exclude-vcs --exclude=./build --exclude=./$(BUILD) --exclude=__pycache__ . | tar -x -C $(BUILD)/deb/$(PACKAGE)
	cd $(BUILD)/deb/$(PACKAGE) && env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
	    dpkg-buildpackage -us -uc >../build.log 2>&1 || { tail -n 40 ../build.log >&2; exit 1; }
	rm -r $(BUILD)/deb/$(PACKAGE)
	lintian --pedantic --fail-on error,warning,info,pedantic --allow-root $(BUILD)/deb/*.changes
	@ls $(BUILD)/deb/*.deb

# A small Debian that holds what the packages depend on and no more, but for what tests need in it.
$(BUILD)/packages/base: tests/packages/make-base debian/control
	tests/packages/make-base $@

# In two steps each, as what the second needs to read is there only after the first.
demo: deps
	@$(MAKE) --no-print-directory demo-built

demo-built: all
	@tests/enter $(PYTHON) tests/demo.py

bench: deps
	@$(MAKE) --no-print-directory bench-built

bench-built: tests
	@tests/enter $(PYTHON) tests/bench/bench.py docs/benchmarks.md

fuzz: deps
	@$(MAKE) --no-print-directory fuzz-built

fuzz-built:
	@$(MAKE) --no-print-directory -j2 build-fuzzers
	@tests/enter $(PYTHON) tests/fuzz/fuzzing.py --seconds $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# Everything twice: as it is released; with AddressSanitizer and UBSan. And the fuzzers. clang's
# warnings are lint's.
check-builds: clients
	$(MAKE) --no-print-directory -j2 all tests
	$(MAKE) --no-print-directory -j2 asan
	$(MAKE) --no-print-directory -j2 build-fuzzers

check: deps
	@$(MAKE) --no-print-directory check-built

check-built: check-builds
	$(MAKE) --no-print-directory -j3 --keep-going --output-sync=target $(CHECKS)

check-long: deps-long
	@$(MAKE) --no-print-directory check-long-built

# Of each folder's tests those that are marked `long`, by themselves, as two folders may have a file of
# one name. With 5 pytest says that a folder has none.
check-long-built: check-builds
	$(MAKE) --no-print-directory -j2 deb-built $(BUILD)/packages/base
	$(MAKE) --no-print-directory lint
	$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/clang CC=clang all tests
	$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/valgrind SANDBOX=no tests
	$(MAKE) --no-print-directory check-unit-valgrind
	@for folder in $(TEST_FOLDERS); do \
	    echo "tests/$$folder, what is long of it"; \
	    $(PYTEST) -m long "tests/$$folder" || [ $$? = 5 ] || exit 1; \
	done

PYTEST       = tests/enter $(PYTHON) -m pytest -q -p no:cacheprovider
TEST_FOLDERS = $(patsubst tests/%/,%,$(filter-out tests/rig/,$(wildcard tests/*/)))
# Three of these at a time: most of them wait most of the time. The longest begin first.
LONGEST      = check-in-shell check-in-identities check-in-service check-in-login check-in-module \
               check-in-clients
CHECKS       = check-lint $(LONGEST) check-unit check-unit-asan \
               $(filter-out $(LONGEST),$(TEST_FOLDERS:%=check-in-%))
.PHONY: $(CHECKS) check-unit-valgrind

# In there what NSS asks is the same on every machine.
check-unit:
	@tests/enter /bin/sh -c 'for test in $(UNIT_TESTS); do echo "$$test"; $$test || exit 1; done'

check-unit-asan:
	@tests/enter /bin/sh -c 'for test in $(UNIT_TESTS:$(BUILD)/%=$(BUILD)/asan/%); do \
	    echo "$$test"; $$test || exit 1; done'

# Without the sandbox, as valgrind does not know Landlock's calls. It takes longer than the units, the
# sanitizers and lint together, and finds beyond them what was never set.
check-unit-valgrind:
	@tests/enter /bin/sh -c 'for test in $(UNIT_TESTS:$(BUILD)/%=$(BUILD)/valgrind/%); do \
	    echo "$$test, under valgrind"; \
	    valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect \
	        $$test || exit 1; \
	done'

$(filter check-in-%,$(CHECKS)): check-in-%:
	$(PYTEST) tests/$*

# Below DESTDIR for a package; without it the user and the folders are made as well. A policy that is
# there already is left alone.
install: all
ifeq ($(DESTDIR),)
	@command -v systemd-sysusers >/dev/null && command -v systemd-tmpfiles >/dev/null || { \
	    echo 'make install: the user xacct and its folders are made by systemd-sysusers and systemd-tmpfiles;' \
	        'install systemd, or systemd-standalone-sysusers and systemd-standalone-tmpfiles, and try again' >&2; \
	    exit 1; }
endif
	install -d $(DESTDIR)$(securedir) $(DESTDIR)$(libdir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(docdir) \
	    $(DESTDIR)$(bindir) $(DESTDIR)$(datadir)/xacct \
	    $(DESTDIR)$(prefix)/lib/sysusers.d $(DESTDIR)$(prefix)/lib/tmpfiles.d $(DESTDIR)$(unitdir)
	install -d -m 0750 $(DESTDIR)$(sysconfdir)/xacct
	install -d $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man8
	install -m 0644 $(MAN1) $(DESTDIR)$(mandir)/man1
	install -m 0644 $(MAN5) $(DESTDIR)$(mandir)/man5
	install -m 0644 $(MAN8) $(DESTDIR)$(mandir)/man8
	install -m 0644 $(BUILD)/pam_xacct.so $(DESTDIR)$(securedir)/pam_xacct.so
	install -m 0644 $(BUILD)/libnss_xacct.so.2 $(DESTDIR)$(libdir)/libnss_xacct.so.2
	install -m 0755 $(BUILD)/xacct-helper $(DESTDIR)$(libexecdir)/xacct-helper
	install -m 0755 $(BUILD)/xacct $(DESTDIR)$(bindir)/xacct
	install -m 0755 $(BUILD)/xacct-admin $(DESTDIR)$(libexecdir)/xacct-admin
	install -m 0644 $(BUILD)/credentials conf/xacct.nft $(DESTDIR)$(datadir)/xacct
	install -m 0755 conf/xacct-iptables $(DESTDIR)$(datadir)/xacct
	install -m 0644 conf/sysusers.conf $(DESTDIR)$(prefix)/lib/sysusers.d/xacct.conf
	install -m 0644 conf/tmpfiles.conf $(DESTDIR)$(prefix)/lib/tmpfiles.d/xacct.conf
	install -m 0644 $(UNITS) $(DESTDIR)$(unitdir)
	install -d $(DESTDIR)$(sysconfdir)/logrotate.d $(DESTDIR)$(datadir)/pam_xacct
	test -e $(DESTDIR)$(sysconfdir)/logrotate.d/xacct || \
	    install -m 0644 conf/logrotate $(DESTDIR)$(sysconfdir)/logrotate.d/xacct
	install -m 0755 conf/xacct-pam-lines $(DESTDIR)$(datadir)/pam_xacct
	test -e $(DESTDIR)$(sysconfdir)/xacct/firewall-agents.nft || \
	    install -m 0644 conf/firewall-agents.nft $(DESTDIR)$(sysconfdir)/xacct/firewall-agents.nft
	install -m 0644 README.md SECURITY.md LICENSE docs/guide.md conf/xacct.conf conf/pam.d-sshd.example \
	    conf/nsswitch.conf.example conf/prometheus-alerts.yml $(DESTDIR)$(docdir)
	test -e $(DESTDIR)$(sysconfdir)/xacct/xacct.conf || \
	    install -m 0640 conf/xacct.conf $(DESTDIR)$(sysconfdir)/xacct/xacct.conf
ifeq ($(DESTDIR),)
	systemd-sysusers xacct.conf
	systemd-tmpfiles --create xacct.conf
	@# Else each program that asks for a group looks for the library in twenty folders.
	ldconfig
endif

# The policy, the list of agents, the audit file with its rotation and the user stay: they are the admin's. A stack that
# names a module which is not there lets nobody in, root included.
uninstall:
ifeq ($(DESTDIR),)
	@lines=$$(conf/xacct-pam-lines) && test -z "$$lines" || { \
	    echo "$$lines" >&2; \
	    echo 'make uninstall: take these lines out first, or nobody can log in' >&2; \
	    exit 1; }
	@if command -v systemctl >/dev/null; then \
	    systemctl disable --now $(notdir $(UNITS)) || :; fi
endif
	rm -f $(patsubst man/%,$(DESTDIR)$(mandir)/man1/%,$(MAN1)) \
	    $(patsubst man/%,$(DESTDIR)$(mandir)/man5/%,$(MAN5)) $(patsubst man/%,$(DESTDIR)$(mandir)/man8/%,$(MAN8))
	rm -f $(DESTDIR)$(securedir)/pam_xacct.so $(DESTDIR)$(libdir)/libnss_xacct.so.2 $(DESTDIR)$(libexecdir)/xacct-helper \
	    $(DESTDIR)$(prefix)/lib/sysusers.d/xacct.conf $(DESTDIR)$(prefix)/lib/tmpfiles.d/xacct.conf
	rm -f $(DESTDIR)$(bindir)/xacct $(DESTDIR)$(libexecdir)/xacct-admin \
	    $(addprefix $(DESTDIR)$(datadir)/xacct/,credentials xacct.nft xacct-iptables) \
	    $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(UNITS)))
	rm -rf $(DESTDIR)$(docdir)
	rm -f $(DESTDIR)$(datadir)/pam_xacct/xacct-pam-lines
ifeq ($(DESTDIR),)
	ldconfig
	@# The collector of node_exporter would go on to look for what it leads to.
	@link=/var/lib/prometheus/node-exporter/xacct.prom; \
	    if [ "$$(readlink $$link)" = /run/xacct-metrics/xacct.prom ]; then rm $$link; fi
endif
	@rmdir $(DESTDIR)$(datadir)/xacct $(DESTDIR)$(datadir)/pam_xacct 2>/dev/null || :
ifeq ($(DESTDIR),)
	@echo 'make uninstall: the rules that kept the metadata service of EC2, ECS or EKS for root and xacct went with their unit:' \
	    'from now on, or from the next boot on, all users can ask it for the host'\''s own credentials, unless other rules keep it'
endif

C_FILES = $(wildcard common/*.[ch] policy/*.[ch] pam_xacct/*.[ch] nss_xacct/*.[ch] helper/*.[ch] seccomp/*.[ch] xacct/*.[ch] \
            xacct_admin/*.[ch] tests/*/*.[ch])

format:
	clang-format -i $(C_FILES)

# All of lint but clang's analyzer, which takes twenty times as long as the rest: check-long has that.
check-lint: LINT_CHECKS = --checks=-clang-analyzer-*
lint check-lint:
	clang-format --dry-run -Werror $(C_FILES)
	shellcheck xacct/shell/init.bash conf/xacct-iptables conf/xacct-pam-lines tests/packages/make-base \
	    $(wildcard debian/*.p*inst debian/*.p*rm)
	@# One file a run: clang-tidy 14 forgets what va_start is after the first.
	printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P 2 -I FILE \
	    clang-tidy --quiet $(LINT_CHECKS) FILE -- -std=gnu11 -I. $(WARNINGS) $(DEFINES) $(HELPER_CFLAGS) 2>/dev/null
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 --suppress=missingIncludeSystem -I. $(DEFINES) $(filter %.c,$(C_FILES))

asan:
	$(MAKE) BUILD=$(BUILD)/asan SANITIZE=1 all tests

clean:
	rm -rf $(BUILD)

# Not what lies in packages and in the Debian that they are tried in.
-include $(shell find $(BUILD) \( -name deb -o -name packages \) -prune -o -type f -name '*.d' -print 2>/dev/null)
