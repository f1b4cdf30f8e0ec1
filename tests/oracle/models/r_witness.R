# Write r_witness.csv: what R finds on mpdta.csv, on plm's Males (linearmodels' wage_panel) and on small_panel.csv.
# Run as `Rscript r_witness.R` with plm and clubSandwich installed; made with R 4.2.2, plm 2.6-2,
# clubSandwich 0.5.8. An argument names another file to write to.

suppressPackageStartupMessages({
  library(plm)
  library(clubSandwich)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- dirname(normalizePath(script))
target <- c(commandArgs(TRUE), file.path(here, "r_witness.csv"))[1]
found <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) found[nrow(found) + 1, ] <<- list(quantity, unname(value))

# plm, two-way within, clustered by unit; "sss" is G/(G-1) * (N-1)/(N-K) with K the regressors alone
mpdta <- read.csv(file.path(here, "mpdta.csv"))
mpdta$on <- as.numeric(mpdta$first_treat > 0 & mpdta$year >= mpdta$first_treat)
within <- plm(lemp ~ on, mpdta, index = c("countyreal", "year"), effect = "twoways", model = "within")
keep("mpdta_on", coef(within)["on"])
keep("mpdta_on_se_hc0", sqrt(vcovHC(within, method = "arellano", type = "HC0")["on", "on"]))
keep("mpdta_on_se_sss", sqrt(vcovHC(within, method = "arellano", type = "sss")["on", "on"]))

data(Males, package = "plm")
Males$union <- as.numeric(Males$union == "yes")
Males$married <- as.numeric(Males$married == "yes")
Males$expersq <- Males$exper^2
within <- plm(wage ~ expersq + union + married, Males, index = c("nr", "year"), effect = "twoways", model = "within")
keep("wage_union", coef(within)["union"])
keep("wage_union_se_hc0", sqrt(vcovHC(within, method = "arellano", type = "HC0")["union", "union"]))
keep("wage_union_se_sss", sqrt(vcovHC(within, method = "arellano", type = "sss")["union", "union"]))

# every person and term a dummy, clustered by school
small <- read.csv(file.path(here, "small_panel.csv"))
whole <- lm(y ~ x + factor(time) + factor(person), small)
cr2 <- coef_test(whole, vcov = "CR2", cluster = small$school, test = "Satterthwaite", coefs = "x")
keep("small_x", coef(whole)["x"])
keep("small_x_se_cr2", cr2$SE)
keep("small_x_freedom_cr2", cr2$df_Satt)
keep("small_x_p_cr2", cr2$p_Satt)
keep("small_x_se_cr0", sqrt(vcovCR(whole, cluster = small$school, type = "CR0")["x", "x"]))
# clubSandwich's CR3 lacks the factor (G-1)/G of the jackknife, and needs the persons swept out
swept <- plm(y ~ x + factor(time), small, index = c("person", "time"), effect = "individual", model = "within")
keep("small_x_se_cr3", sqrt(vcovCR(swept, cluster = small$school, type = "CR3")["x", "x"]))

# without persons, so that schools can be left out by refitting
plain <- lm(y ~ x + factor(time), small)
left_out <- sapply(unique(small$school), function(one) coef(update(plain, subset = school != one))["x"])
keep("plain_x_se_jackknife", sqrt(7 / 8 * sum((left_out - coef(plain)["x"])^2)))
keep("plain_x_se_cr3", sqrt(vcovCR(plain, cluster = small$school, type = "CR3")["x", "x"]))

found$value <- formatC(found$value, digits = 12, format = "g")
write.csv(found, target, row.names = FALSE, quote = FALSE)
